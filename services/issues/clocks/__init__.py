"""Clocks of an issue: deadlines in working days, and the working calendar."""
