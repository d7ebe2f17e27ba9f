"""Appends receipts and copies of events to RECEIPT and OUT, under subjects of each publisher's own."""
