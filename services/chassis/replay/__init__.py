"""Recording, replaying and checking a whole log."""
