"""What the service does outside: keys and counts of secret ballots, the log of household files. It reports to the log."""
