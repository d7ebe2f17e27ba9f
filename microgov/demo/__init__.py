"""Plays the stories against a running installation."""
