"""People who serve: proposals, attendance, hours."""
