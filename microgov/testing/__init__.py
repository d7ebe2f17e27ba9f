"""The pytest fixture `replay`, with which a recorded log is a test."""
