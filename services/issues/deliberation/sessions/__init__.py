"""A session: its procedure, its council, the roles that people hold at its place."""
