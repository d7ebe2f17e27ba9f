"""Copies of a whole installation: `tree` copies files, `checks` verifies the copy, `idle` makes sure that nothing runs."""
