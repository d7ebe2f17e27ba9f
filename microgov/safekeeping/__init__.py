"""Backups: what the log does not hold is dumped, the log is kept in parts, everything is verified."""
