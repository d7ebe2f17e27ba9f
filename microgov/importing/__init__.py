"""Imports registers from spreadsheets: each row becomes messages; entities that exist already are not changed."""
