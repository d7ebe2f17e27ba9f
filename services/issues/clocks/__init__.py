"""Time limits 时限 of an issue, counted in working days (called clocks in code), and the working calendar."""
