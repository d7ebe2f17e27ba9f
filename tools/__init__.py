"""Scripts that write pages and pictures of the documentation; the installed package does not contain them."""
