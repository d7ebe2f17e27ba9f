"""Deliberations 议事: topics and options, sessions and those who came, minutes, councils, round tables (domain.md §2.3)."""
