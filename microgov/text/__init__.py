"""Texts of the command line, in Chinese and English."""
