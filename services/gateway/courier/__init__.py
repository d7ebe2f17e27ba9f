"""Reads the log for publishers: writes receipts for messages that were accepted or refused, and copies of events about the
matters that publishers began.
"""
