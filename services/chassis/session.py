"""The session that handlers see: SQLAlchemy's, with a `get` that knows what is pending and what is missing.

Its rows are of the mapped classes, but plain: their attributes are plain attributes, without the ORM's bookkeeping of
changes. What a batch changed is found at its end by comparing, and written in one statement per table and kind (insert,
update, delete); tests/chassis/test_session.py holds it to leave exactly what the ORM's own flush would leave. A query
in a handler first writes what is pending, so that it sees it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.orm import Session

from services.chassis.database import Bulk

Key = tuple[type[Any], Any]
_PLANS: dict[tuple[type[Any], str], "Plan"] = {}
_CHUNK = 5000


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
        self.primary = list(mapper.primary_key)
        self.everything = sa.select(*self.bulk.columns)
        self.plain: type[Any] = type(cls.__name__, (cls,), {"__abstract__": True, "__row_of__": cls, **self.defaults})

    def values(self, row: Any) -> dict[str, Any]:
        """The row's values by attribute, defaults filled in."""
        held = row.__dict__
        return {a: held[a] if a in held else self.defaults[a] for a in self.attributes}

    def identity(self, row: Any) -> tuple[Any, ...]:
        """The primary key, always as a tuple."""
        found = self.key(row)
        return found if len(self.keys) > 1 else (found,)

    def made(self, stored: Sequence[Any]) -> Any:
        """A row from what the database holds."""
        row = object.__new__(self.plain)
        row.__dict__.update(zip(self.attributes, stored, strict=True))
        return row


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, sa.sql.schema.ScalarElementColumnDefault) else None


def plan_of(cls: type[Any], dialect: sa.Dialect) -> Plan:
    """The plan for a class, from the cache."""
    found = _PLANS.get((cls, dialect.name))
    return found if found is not None else _PLANS.setdefault((cls, dialect.name), Plan(cls, dialect))


class FoldSession(Session):
    """One batch's session on one connection; `write` leaves its changes in the open transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(bind=connection, autoflush=False)
        self.conn = connection
        self.known: dict[Key, Any] = {}
        self.loaded: dict[Key, dict[str, Any]] = {}
        self.fresh: dict[Key, Any] = {}
        self.doomed: dict[Key, Any] = {}

    def _plan(self, cls: type[Any]) -> Plan:
        return plan_of(cls, self.conn.dialect)

    def get(self, entity: Any, ident: Any, **_: Any) -> Any:
        """The row under a primary key: pending ones included, a missing one is asked for once."""
        try:
            return self.known[entity, ident]
        except KeyError:
            self.load([(entity, ident)])
            return self.known[entity, ident]

    def add(self, instance: Any, _warn: bool = True) -> None:
        """A new row, written at the end of the batch; from now on it is a plain one."""
        cls = type(instance)
        plan = self._plan(cls)
        instance.__class__ = plan.plain
        instance.__dict__.pop("_sa_instance_state", None)
        key = (cls, plan.key(instance))
        self.fresh[key] = self.known[key] = instance

    def delete(self, instance: Any) -> None:
        """Deletes at the end of the batch; a row of this batch is never written at all."""
        cls = type(instance).__row_of__
        key = (cls, self._plan(cls).key(instance))
        if self.fresh.pop(key, None) is None:
            self.doomed[key] = instance
            self.loaded.pop(key, None)
        self.known[key] = None

    def execute(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query: what is pending is written first; a row that is known already is the known one."""
        self.write(statement)
        described = getattr(statement, "column_descriptions", [])
        if len(described) != 1 or described[0]["entity"] is None or described[0]["expr"] is not described[0]["entity"]:
            return self.conn.execute(statement, *arguments)
        cls = described[0]["entity"]
        plan = self._plan(cls)
        stored = self.conn.execute(statement.with_only_columns(*plan.bulk.columns), *arguments)
        return IteratorResult(SimpleResultMetaData([cls.__name__]), iter([(self._keep(cls, plan, row),) for row in stored]))

    def scalars(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query for objects: what is pending is written first."""
        return self.execute(statement, *arguments).scalars()

    def scalar(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query for one value: what is pending is written first."""
        return self.execute(statement, *arguments).scalar()

    def _keep(self, cls: type[Any], plan: Plan, stored: Sequence[Any]) -> Any:
        row = plan.made(stored)
        key = (cls, plan.key(row))
        known = self.known.get(key)
        if known is not None:
            return known
        self.known[key], self.loaded[key] = row, row.__dict__.copy()
        return row

    def load(self, keys: Iterable[Key]) -> None:
        """Loads the rows that a batch names, one query per table, and remembers those that are not there."""
        wanted: dict[type[Any], list[Any]] = defaultdict(list)
        known = self.known
        for key in keys:
            if key not in known:
                known[key] = None
                wanted[key[0]].append(key[1])
        for cls, idents in wanted.items():
            plan = self._plan(cls)
            for at in range(0, len(idents), _CHUNK):
                for stored in self.conn.execute(_by_key(plan, idents[at : at + _CHUNK])):
                    self._keep(cls, plan, stored)

    def write(self, before: Any = None) -> None:
        """Writes deletions, changes, then new rows, one statement per table and kind; the session goes on.

        `before` is a query: then only what lies in the tables that it reads.
        """
        asked = None if before is None else {f.name for f in _tables(before)}
        for cls, doomed in _by_class(self.doomed, asked).items():
            plan = self._plan(cls)
            plan.bulk.delete(self.conn, [plan.identity(row) for _, row in doomed])
            self.doomed = {key: row for key, row in self.doomed.items() if key[0] is not cls}
        self._write_changed(asked)
        for cls, fresh in _by_class(self.fresh, asked).items():
            plan = self._plan(cls)
            rows = [(key, plan.values(row)) for key, row in fresh]
            plan.bulk.insert(self.conn, [tuple(values.values()) for _, values in rows])
            self.loaded.update(rows)
            for key, _ in rows:
                del self.fresh[key]

    def finish(self) -> None:
        """The same at the end of the batch."""
        self.write()

    def _write_changed(self, asked: set[str] | None) -> None:
        changed: dict[Key, tuple[Any, dict[str, Any]]] = {}
        for key, before in self.loaded.items():
            if asked is not None and key[0].__tablename__ not in asked:
                continue
            row = self.known[key]
            if row.__dict__ != before and (now := self._plan(key[0]).values(row)) != before:
                changed[key] = (row, now)
        for cls, rows in _by_class(changed).items():
            plan = self._plan(cls)
            touched = [a for a in plan.attributes if any(now[a] != self.loaded[key][a] for key, (_, now) in rows)]
            values = [(*(now[a] for a in touched), *plan.identity(row)) for _, (row, now) in rows]
            plan.bulk.update(self.conn, tuple(plan.columns[a] for a in touched), values)
            self.loaded.update((key, now) for key, (_, now) in rows)


def _by_key(plan: Plan, idents: list[Any]) -> Any:
    if not plan.bulk.pg:
        target = plan.primary[0] if len(plan.primary) == 1 else sa.tuple_(*plan.primary)
        return plan.everything.where(target.in_(idents))
    if len(plan.primary) == 1:
        return plan.everything.where(plan.primary[0] == sa.any_(_array(plan, 0, idents)))
    arrays = [_array(plan, at, [ident[at] for ident in idents]) for at in range(len(plan.primary))]
    names = [f"k{at}" for at in range(len(arrays))]
    wanted = sa.func.unnest(*arrays).table_valued(*names).render_derived(name="wanted")
    match = [column == wanted.c[name] for column, name in zip(plan.primary, names, strict=True)]
    return plan.everything.select_from(plan.bulk.table.join(wanted, sa.and_(*match)))


def _array(plan: Plan, at: int, values: list[Any]) -> Any:
    return sa.bindparam(None, values, type_=sa.ARRAY(plan.primary[at].type), unique=True)


def _by_class(rows: dict[Key, Any], asked: set[str] | None = None) -> dict[type[Any], list[tuple[Key, Any]]]:
    groups: dict[type[Any], list[tuple[Key, Any]]] = defaultdict(list)
    for key, row in rows.items():
        if asked is None or key[0].__tablename__ in asked:
            groups[key[0]].append((key, row))
    return groups


def _tables(statement: Any) -> list[sa.Table]:
    """Every table that a statement names, also inside subqueries."""
    return [one for one in sa.sql.visitors.iterate(statement) if isinstance(one, sa.Table)]
