"""Which rows the handlers of a batch will look at, so that they are loaded together; only speed depends on it."""
