"""Connections to a running installation: asking as an operator, sending as a publisher."""
