"""Who may connect to the broker: accounts, permissions, credentials and streams."""
