"""Notices: text, recipients, and deliveries by channels."""
