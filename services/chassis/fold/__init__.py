"""The loop that reads a log, calls the handlers and appends their answers, exactly once."""
