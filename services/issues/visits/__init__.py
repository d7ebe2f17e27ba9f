"""Visits 入户联企走亲: rounds with a frozen contact list, three lists, one file, one feedback (domain.md §2.4)."""
