"""The extreme of every field that a program outside may send, in the middle of every story."""
