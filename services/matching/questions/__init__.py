"""What the service answers; it only reads."""
