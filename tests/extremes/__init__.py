"""Sends the extreme values of every field that a program outside may send, at every point of the recorded stories."""
