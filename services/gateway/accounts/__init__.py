"""Who may connect to the broker: its accounts, permissions, credentials and streams."""
