"""Setting up a tenant."""
