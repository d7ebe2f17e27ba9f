"""Deliberation 议事: topics, options, sessions, attendance, minutes, councils, round tables (domain.md §2.3)."""
