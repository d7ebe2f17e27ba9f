"""A service as a process: its application, its tenants, settings, clocks, health and questions."""
