"""Ballots 表决: open and sealed votes, and their tallies (domain.md §2.3)."""
