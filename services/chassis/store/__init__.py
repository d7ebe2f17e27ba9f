"""A service's database: engines, tables, the fold's session, migrations."""
