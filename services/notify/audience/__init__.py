"""Who is notified of an event, as far as the log says who is concerned."""
