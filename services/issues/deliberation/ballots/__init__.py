"""Ballots 表决: votes, open or sealed, and what they come to (domain.md §2.3)."""
