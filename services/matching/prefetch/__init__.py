"""Names the rows that the handlers of a batch need, so that they are loaded together; only speed depends on it."""
