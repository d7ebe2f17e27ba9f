"""The loop that reads a log, applies handlers and writes what they say, exactly once."""
