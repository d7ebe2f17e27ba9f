"""Decides who is notified of an event, from what the log shows about the people concerned."""
