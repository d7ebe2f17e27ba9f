"""Reads the log for publishers: receipts of what was accepted, and events of what they began."""
