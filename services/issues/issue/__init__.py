"""The life of an issue, from submission to closing, with every exception (declined, returned, on hold, reopened)."""
