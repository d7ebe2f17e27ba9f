"""Scripts that write documentation; no part of the installed package."""
