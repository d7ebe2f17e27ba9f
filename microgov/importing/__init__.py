"""Registers from spreadsheets: rows become messages with ids of their own, and what is there already is left alone."""
