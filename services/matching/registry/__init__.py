"""Organisations and other parties, providers, and roles."""
