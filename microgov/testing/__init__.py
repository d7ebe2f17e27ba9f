"""A pytest fixture for recorded logs."""
