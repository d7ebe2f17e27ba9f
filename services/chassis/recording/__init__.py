"""A recording: the file of a log, how it is written, read and checked."""
