"""Connections to a running installation: as operator, who asks, and as publisher, who sends."""
