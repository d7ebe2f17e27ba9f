"""Convening sessions, and who attended."""
