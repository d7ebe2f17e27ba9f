"""A whole installation in memory, without a broker: services that hear each other, a clock, and what edges report."""
