"""What the command line says, in Chinese and English."""
