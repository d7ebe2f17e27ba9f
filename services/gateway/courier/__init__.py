"""Reads the log for publishers: writes receipts of what was accepted or refused, and copies of events of what they began."""
