"""Answers to questions: lists, one issue or topic, rates, an issue's history."""
