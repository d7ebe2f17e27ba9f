"""Messages between bytes and handlers: parsing and stamping."""
