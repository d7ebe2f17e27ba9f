"""Mediations 调解: by consent of all, and confidential (domain.md §2.3)."""
