"""Answers to questions; read only."""
