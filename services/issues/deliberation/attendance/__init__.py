"""Who is called to a session, and who came."""
