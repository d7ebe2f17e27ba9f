"""A log as a whole: recorded, replayed, checked."""
