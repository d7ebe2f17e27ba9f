"""The way out: receipts and copies of events, under subjects of each publisher's own."""
