"""Mediations 调解: confidential, and by consent of all parties (domain.md §2.3)."""
