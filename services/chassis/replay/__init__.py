"""Replaying a recording: folding its messages anew and comparing answers and state."""
