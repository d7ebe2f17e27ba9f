"""What publishers are told: receipts and copies of events, each publisher in streams of its own."""
