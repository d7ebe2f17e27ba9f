"""Topics: screened, deliberated, decided; disagreements and round tables."""
