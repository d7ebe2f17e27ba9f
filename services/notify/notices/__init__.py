"""A notice: its words, whom it goes to, and its delivery through a channel."""
