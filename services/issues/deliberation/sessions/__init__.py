"""Sessions, their rules of procedure, standing councils, and roles held at places."""
