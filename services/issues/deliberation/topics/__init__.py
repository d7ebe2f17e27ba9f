"""A topic: screened, deliberated, decided; disagreements and round tables."""
