"""Action items and who does them."""
