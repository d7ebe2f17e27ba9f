"""Messages between bytes and handlers: parsed once, stamped once."""
