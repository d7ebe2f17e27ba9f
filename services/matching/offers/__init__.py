"""Offers 出单 and their slots."""
