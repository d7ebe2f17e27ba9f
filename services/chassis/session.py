"""The session that handlers see: SQLAlchemy's, with a `get` that knows what is pending and what is missing.

What a batch changes is written at its end in one statement per table and kind (insert, update, delete) instead of the
ORM's flush; tests/chassis/test_session.py holds it to leave exactly what the ORM's own flush would leave. A query in a
handler first writes what is pending, so that it sees it.
"""

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from services.chassis.database import Bulk

Key = tuple[type[Any], Any]
_PLANS: dict[tuple[type[Any], str], "Plan"] = {}
_CHUNK = 5000


class Plan:
    """How the rows of one class are written on one dialect; made once."""

    def __init__(self, cls: type[Any], dialect: sa.Dialect) -> None:
        mapper = sa.inspect(cls)
        self.bulk = Bulk(mapper.local_table, dialect)
        self.attributes = [mapper.get_property_by_column(column).key for column in self.bulk.columns]
        self.columns = dict(zip(self.attributes, self.bulk.names, strict=True))
        self.keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        self.defaults = {a: _default(c) for a, c in zip(self.attributes, self.bulk.columns, strict=True)}
        self.key = attrgetter(*self.keys)
        self.primary = [getattr(cls, key) for key in self.keys]

    def values(self, row: Any) -> tuple[Any, ...]:
        """The row's values in the order of the table's columns, defaults filled in."""
        held = row.__dict__
        return tuple(held[a] if a in held else self.defaults[a] for a in self.attributes)

    def identity(self, row: Any) -> tuple[Any, ...]:
        """The primary key, always as a tuple."""
        found = self.key(row)
        return found if len(self.keys) > 1 else (found,)


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, sa.sql.schema.ScalarElementColumnDefault) else None


def plan_of(cls: type[Any], dialect: sa.Dialect) -> Plan:
    """The plan for a class, from the cache."""
    key = (cls, dialect.name)
    if key not in _PLANS:
        _PLANS[key] = Plan(cls, dialect)
    return _PLANS[key]


class FoldSession(Session):
    """One batch's session on one connection; `write` leaves its changes in the open transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(bind=connection, autoflush=False, expire_on_commit=False)
        self.conn = connection
        self.known: dict[Key, Any] = {}
        self.fresh: dict[Key, Any] = {}
        self.doomed: dict[Key, Any] = {}

    def get(self, entity: Any, ident: Any, **_: Any) -> Any:
        """The row under a primary key: pending ones included, a missing one is asked for once."""
        try:
            return self.known[entity, ident]
        except KeyError:
            self.load([(entity, ident)])
            return self.known[entity, ident]

    def add(self, instance: Any, _warn: bool = True) -> None:
        """A new row, written at the end of the batch."""
        key = self._key(instance)
        self.fresh[key] = self.known[key] = instance

    def delete(self, instance: Any) -> None:
        """Deletes at the end of the batch; a row of this batch is never written at all."""
        key = self._key(instance)
        if self.fresh.pop(key, None) is None:
            self.doomed[key] = instance
            self.expunge(instance)
        self.known[key] = None

    def _key(self, instance: Any) -> Key:
        cls = type(instance)
        return cls, plan_of(cls, self.conn.dialect).key(instance)

    def execute(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query: what is pending is written first."""
        self.write()
        return super().execute(statement, *arguments, **keywords)

    def scalars(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query for objects: what is pending is written first."""
        self.write()
        return super().scalars(statement, *arguments, **keywords)

    def scalar(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query for one value: what is pending is written first."""
        self.write()
        return super().scalar(statement, *arguments, **keywords)

    def load(self, keys: Iterable[Key]) -> None:
        """Loads the rows that a batch names, one query per table, and remembers those that are not there."""
        wanted: dict[type[Any], list[Any]] = defaultdict(list)
        for cls, ident in dict.fromkeys(keys):
            if (cls, ident) not in self.known:
                self.known[cls, ident] = None
                wanted[cls].append(ident)
        for cls, idents in wanted.items():
            plan = plan_of(cls, self.conn.dialect)
            for at in range(0, len(idents), _CHUNK):
                for row in super().scalars(self._select(cls, plan, idents[at : at + _CHUNK])):
                    self.known[cls, plan.key(row)] = row

    def _select(self, cls: type[Any], plan: Plan, idents: list[Any]) -> Any:
        if not plan.bulk.pg:
            target = plan.primary[0] if len(plan.primary) == 1 else sa.tuple_(*plan.primary)
            return sa.select(cls).where(target.in_(idents))
        if len(plan.primary) == 1:
            return sa.select(cls).where(plan.primary[0] == sa.any_(_array(plan, 0, idents)))
        arrays = [_array(plan, at, [ident[at] for ident in idents]) for at in range(len(plan.primary))]
        names = [f"k{at}" for at in range(len(arrays))]
        wanted = sa.func.unnest(*arrays).table_valued(*names).render_derived(name="wanted")
        match = [column == wanted.c[name] for column, name in zip(plan.primary, names, strict=True)]
        return sa.select(cls).join(wanted, sa.and_(*match))

    def write(self) -> None:
        """Writes deletions, then new rows, then changes, one statement per table and kind; the session goes on."""
        for row in self._write_all():
            self._adopt(row)

    def finish(self) -> None:
        """The same at the end of the batch; after it the session is only closed."""
        self._write_all()

    def _write_all(self) -> Iterable[Any]:
        self._write_deleted()
        fresh = self._write_new()
        self._write_changed()
        return fresh

    def _write_deleted(self) -> None:
        for cls, rows in _grouped(self.doomed.values()).items():
            plan = plan_of(cls, self.conn.dialect)
            plan.bulk.delete(self.conn, [plan.identity(row) for row in rows])
        self.doomed.clear()

    def _write_new(self) -> Iterable[Any]:
        fresh, self.fresh = self.fresh, {}
        for cls, rows in _grouped(fresh.values()).items():
            plan = plan_of(cls, self.conn.dialect)
            plan.bulk.insert(self.conn, [plan.values(row) for row in rows])
        return fresh.values()

    def _adopt(self, row: Any) -> None:
        """From now on the ORM treats the row as one that it loaded."""
        held = dict(row.__dict__)
        plan = plan_of(type(row), self.conn.dialect)
        make_transient_to_detached(row)
        super().add(row)
        for attribute in plan.attributes:
            set_committed_value(row, attribute, held.get(attribute, plan.defaults[attribute]))

    def _write_changed(self) -> None:
        for cls, rows in _grouped(self.dirty).items():
            plan = plan_of(cls, self.conn.dialect)
            states = [(row, sa.inspect(row).committed_state) for row in rows]
            touched = sorted({a for _, was in states for a in was if a in plan.columns})
            if not touched:
                continue
            changed = [row for row, was in states if was]
            changed.sort(key=plan.key)
            pick = [(*(row.__dict__[a] for a in touched), *plan.identity(row)) for row in changed]
            plan.bulk.update(self.conn, tuple(plan.columns[a] for a in touched), pick)
            for row in changed:
                for attribute in touched:
                    set_committed_value(row, attribute, row.__dict__[attribute])


def _array(plan: Plan, at: int, values: list[Any]) -> Any:
    column = plan.bulk.table.primary_key.columns.values()[at]
    return sa.bindparam(None, values, type_=sa.ARRAY(column.type), unique=True)


def _grouped(rows: Iterable[Any]) -> dict[type[Any], list[Any]]:
    groups: dict[type[Any], list[Any]] = defaultdict(list)
    for row in rows:
        groups[type(row)].append(row)
    return groups
