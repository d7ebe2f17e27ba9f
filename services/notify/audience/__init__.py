"""Who is told of an event: those concerned, as far as the log says who they are."""
