"""Work outside the fold, reported to the log: keys and counts of secret ballots, uses of household files."""
