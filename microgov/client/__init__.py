"""Connections of the command line to a running installation: as operator it reads and asks, as publisher it sends."""
