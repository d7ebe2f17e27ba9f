"""The door: decides which messages of publishers are accepted, and writes these into the log."""
