"""The compatibility gate: whether today's schemas and all released ones can be read by each other's readers."""
