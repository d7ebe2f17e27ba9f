"""Notices, their text, and their deliveries by notification channels."""
