"""The way in: decides who may send what, and writes what is accepted into the log."""
