"""Imports registers from spreadsheets: rows become messages with ids of their own; existing entries are not changed."""
