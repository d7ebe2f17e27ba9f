"""Micro-governance for a sub-district: everything that can be imported lies in here; `contracts` and `services` are links to
the folders beside this one (docs/decisions/0049-one-import-name.md)."""
