"""Micro-governance for a sub-district: the package of everything that can be imported.

`contracts`, `services` and `stories` are links to the folders beside it (docs/decisions/0049-one-import-name.md).
"""
