"""The rows of one class in a session: read, kept by primary key, compared, and written in one statement per kind."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.chassis.database import Bulk

_PLANS: dict[tuple[type[Any], str], "Plan"] = {}


class Plan:
    """How the rows of one class are read and written on one dialect; made once."""

    def __init__(self, cls: type[Any], dialect: sa.Dialect) -> None:
        mapper = sa.inspect(cls)
        self.bulk = Bulk(mapper.local_table, dialect)
        self.attributes = [mapper.get_property_by_column(column).key for column in self.bulk.columns]
        self.columns = dict(zip(self.attributes, self.bulk.names, strict=True))
        self.keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        self.defaults = {a: _default(c) for a, c in zip(self.attributes, self.bulk.columns, strict=True)}
        self.key = attrgetter(*self.keys)
        self.plain: type[Any] = type(cls.__name__, (cls,), {"__abstract__": True, "__row_of__": cls, **self.defaults})

    def values(self, row: Any) -> dict[str, Any]:
        """The row's values by attribute, defaults filled in."""
        held = row.__dict__
        return {a: held[a] if a in held else self.defaults[a] for a in self.attributes}

    def now(self, row: Any) -> dict[str, Any]:
        """The same for one that was loaded, which has them all."""
        held = row.__dict__
        return held.copy() if len(held) == len(self.attributes) else self.values(row)

    def identity(self, row: Any) -> tuple[Any, ...]:
        """The primary key, always as a tuple."""
        found = self.key(row)
        return found if len(self.keys) > 1 else (found,)

    def tuples(self, idents: list[Any]) -> list[tuple[Any, ...]]:
        """Primary keys, always as tuples."""
        return idents if len(self.keys) > 1 else [(ident,) for ident in idents]

    def made(self, stored: Sequence[Any]) -> Any:
        """A row from what the database holds."""
        row = object.__new__(self.plain)
        row.__dict__ = dict(zip(self.attributes, stored, strict=True))
        return row


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, sa.sql.schema.ScalarElementColumnDefault) else None


def plan_of(cls: type[Any], dialect: sa.Dialect) -> Plan:
    """The plan for a class, from the cache."""
    found = _PLANS.get((cls, dialect.name))
    return found if found is not None else _PLANS.setdefault((cls, dialect.name), Plan(cls, dialect))


class Shelf:
    """What a session knows of one class's rows: `known` by primary key (None: not there), and what is pending."""

    def __init__(self, cls: type[Any], dialect: sa.Dialect) -> None:
        self.plan = plan_of(cls, dialect)
        self.known: dict[Any, Any] = {}
        self.loaded: dict[Any, dict[str, Any]] = {}
        self.fresh: dict[Any, Any] = {}
        self.doomed: dict[Any, Any] = {}

    def keep(self, stored: Sequence[Any]) -> Any:
        """The row that the database holds; one that is known already is the known one."""
        row = self.plan.made(stored)
        key = self.plan.key(row)
        known = self.known.get(key)
        if known is not None:
            return known
        self.known[key], self.loaded[key] = row, row.__dict__.copy()
        return row

    def write_doomed(self, c: Connection) -> None:
        """Deletes what is to be deleted."""
        if self.doomed:
            self.plan.bulk.delete(c, [self.plan.identity(row) for row in self.doomed.values()])
            self.doomed.clear()

    def write_changed(self, c: Connection) -> None:
        """Updates the rows that are not as they were, in the columns that differ in any of them."""
        plan, known = self.plan, self.known
        changed = [(key, before, plan.now(known[key])) for key, before in self.loaded.items()
                   if known[key].__dict__ != before]
        touched = [a for a in plan.attributes if any(now[a] != before[a] for _, before, now in changed)]
        if touched:
            values = [(*(now[a] for a in touched), *plan.identity(known[key])) for key, _, now in changed]
            plan.bulk.update(c, tuple(plan.columns[a] for a in touched), values)
            self.loaded.update((key, now) for key, _, now in changed)

    def write_fresh(self, c: Connection) -> None:
        """Inserts the new rows."""
        if self.fresh:
            rows = {key: self.plan.values(row) for key, row in self.fresh.items()}
            self.plan.bulk.insert(c, [tuple(values.values()) for values in rows.values()])
            self.loaded |= rows
            self.fresh.clear()
