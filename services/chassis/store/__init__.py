"""The service's database: engines, tables, the session of the fold, migrations."""
