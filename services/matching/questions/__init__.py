"""Answers to questions; they only read."""
