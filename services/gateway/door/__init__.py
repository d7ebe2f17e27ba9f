"""What publishers send comes in here: who may say what is decided, and what is accepted goes into the log."""
