"""The identity map: a session's rows of one class by primary key. It finds changes by comparing, and writes them in one
statement per kind (insert, update, delete).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from operator import attrgetter, itemgetter, ne
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.store.fold_session.bulk import Bulk

OnWrite = Callable[["RowPlan", Sequence[tuple[Any, ...]], Sequence[tuple[Any, ...]]], None]
"""Called when rows of one class are written: with their values before and after."""
_PLANS: dict[tuple[type[Any], str], "RowPlan"] = {}


class RowPlan:
    """How the rows of one class are read and written on one dialect; made once per process."""

    def __init__(self, cls: type[Any], dialect: sa.Dialect) -> None:
        mapper = sa.inspect(cls)
        self.bulk = Bulk(mapper.local_table, dialect)
        self.attributes = [mapper.get_property_by_column(column).key for column in self.bulk.columns]
        self.columns = dict(zip(self.attributes, self.bulk.names, strict=True))
        self.keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        self.defaults = {a: _default(c) for a, c in zip(self.attributes, self.bulk.columns, strict=True)}
        self.key = attrgetter(*self.keys)
        self.all = tuple_of(*self.attributes)
        self.plain: type[Any] = type(
            cls.__name__, (cls,), {"__abstract__": True, "__row_of__": cls, **self.defaults}
        )

    def values(self, row: Any) -> tuple[Any, ...]:
        """The row's values in the order of the columns; missing ones are filled in from the defaults."""
        held = row.__dict__
        if len(held) < len(self.attributes):
            held |= {name: value for name, value in self.defaults.items() if name not in held}
        return self.all(held)

    def identity(self, row: Any) -> tuple[Any, ...]:
        """The primary key, always as a tuple."""
        found = self.key(row)
        return found if len(self.keys) > 1 else (found,)

    def tuples(self, idents: list[Any]) -> list[tuple[Any, ...]]:
        """Primary keys, always as tuples."""
        return idents if len(self.keys) > 1 else [(ident,) for ident in idents]

    def row_of(self, stored: Sequence[Any]) -> Any:
        """A row object from the values that the database holds."""
        row = object.__new__(self.plain)
        row.__dict__ = dict(zip(self.attributes, stored, strict=True))
        return row


def tuple_of(*keys: Any) -> Callable[[Any], tuple[Any, ...]]:
    """A function that takes these keys from a mapping or a sequence, and always returns a tuple."""
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda held: (held[keys[0]],)


def as_tuple(parent: Any) -> tuple[Any, ...]:
    """The beginning of a key as a tuple; a single value may be given without one."""
    return parent if isinstance(parent, tuple) else (parent,)


def parent_of(key: Any, width: int) -> Any:
    """The first `width` values of a key: a tuple, or the value itself if `width` is 1."""
    return key[0] if width == 1 else key[:width]


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, sa.sql.schema.ScalarElementColumnDefault) else None


def plan_of(cls: type[Any], dialect: sa.Dialect) -> RowPlan:
    """The plan for a class, from the cache."""
    found = _PLANS.get((cls, dialect.name))
    return found if found is not None else _PLANS.setdefault((cls, dialect.name), RowPlan(cls, dialect))


class RowSet:
    """The rows of one class that a session has loaded, added or deleted.

    `rows`: by primary key (None: there is no such row). `stored`: the values that the database holds. `added`, `deleted`:
    pending changes; `deleted_values`: what the database holds of the deleted ones. `families`: parent → keys of all its
    rows, for the parents that were loaded; `widths`: how many values
    the keys of such parents have. `on_write` is called with what is written.
    """

    def __init__(self, cls: type[Any], dialect: sa.Dialect, on_write: OnWrite | None = None) -> None:
        self.plan, self.on_write = plan_of(cls, dialect), on_write
        self.rows: dict[Any, Any] = {}
        self.stored: dict[Any, tuple[Any, ...]] = {}
        self.added: dict[Any, Any] = {}
        self.deleted: dict[Any, Any] = {}
        self.deleted_values: dict[Any, tuple[Any, ...]] = {}
        self.families: dict[Any, set[Any]] = {}
        self.widths: set[int] = set()

    def keep(self, stored: tuple[Any, ...]) -> Any:
        """Adds a row that the database holds; returns the object that the session has already, if there is one."""
        row = self.plan.row_of(stored)
        key = self.plan.key(row)
        known = self.rows.get(key)
        if known is not None:
            return known
        self.rows[key], self.stored[key] = row, stored
        return row

    def add_to_families(self, key: Any) -> None:
        """Adds a new row to the families of its parents that are loaded."""
        for width in self.widths:
            members = self.families.get(parent_of(key, width))
            if members is not None:
                members.add(key)

    def adopt(self, parents: Sequence[Any], found: Sequence[tuple[Any, ...]]) -> None:
        """Takes in all rows of these parents: those that the database holds, and those that are pending."""
        width = len(as_tuple(parents[0]))
        self.widths.add(width)
        self.families.update((parent, set()) for parent in parents)
        for stored in found:
            key = self.plan.key(self.plan.row_of(stored))
            if key not in self.deleted:
                self.keep(stored)
                self.families[parent_of(key, width)].add(key)
        for key in self.added:
            self.add_to_families(key)

    def family(self, parents: Iterable[Any]) -> list[Any]:
        """The rows of all these parents, ordered by key."""
        keys = sorted({key for parent in parents for key in self.families[parent]})
        return [row for key in keys if (row := self.rows[key]) is not None]

    def changed(self) -> list[tuple[Any, tuple[Any, ...], tuple[Any, ...]]]:
        """The rows that have changed: key, values before, values now."""
        known, values = self.rows, self.plan.all
        return [
            (key, was, now) for key, was in self.stored.items() if (now := values(known[key].__dict__)) != was
        ]

    def has_changes(self) -> bool:
        """Whether there are changes that are not written yet."""
        return bool(self.added or self.deleted or self.changed())

    def write_deleted(self, c: Connection) -> None:
        """Writes the pending deletions."""
        if self.deleted:
            self.plan.bulk.delete(c, [self.plan.identity(row) for row in self.deleted.values()])
            if self.on_write is not None:
                self.on_write(self.plan, list(self.deleted_values.values()), [])
            self.deleted.clear()
            self.deleted_values.clear()

    def write_changed(self, c: Connection) -> None:
        """Writes the changed rows; it sets all columns that differ in at least one of them."""
        plan, known, changed = self.plan, self.rows, self.changed()
        if not changed:
            return
        places = range(len(plan.attributes))
        touched = sorted({at for _, before, now in changed for at in compress(places, map(ne, before, now))})
        picked = tuple_of(*touched)
        names = tuple(plan.columns[plan.attributes[at]] for at in touched)
        plan.bulk.update(c, names, [(*picked(now), *plan.identity(known[key])) for key, _, now in changed])
        self.stored.update((key, now) for key, _, now in changed)
        if self.on_write is not None:
            self.on_write(plan, [was for _, was, _ in changed], [now for *_, now in changed])

    def write_added(self, c: Connection) -> None:
        """Inserts the new rows."""
        if self.added:
            rows = [self.plan.values(row) for row in self.added.values()]
            self.plan.bulk.insert(c, rows)
            self.stored.update(zip(self.added, rows, strict=True))
            if self.on_write is not None:
                self.on_write(self.plan, [], rows)
            self.added.clear()
