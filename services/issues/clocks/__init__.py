"""Deadlines of an issue, counted in working days where the rules say so."""
