"""The session that handlers see, in place of SQLAlchemy's own: docs/fold-session.md explains it, decision 4 says why."""
