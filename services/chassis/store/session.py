"""The session that handlers see: SQLAlchemy's, with a `get` that knows what is pending and what is missing.

Its rows are of the mapped classes, but plain: their attributes are plain attributes, without the ORM's bookkeeping of
changes. What a batch changed is found at its end by comparing, and written in one statement per table and kind (insert,
update, delete); tests/chassis/test_session.py holds it to leave exactly what the ORM's own flush would leave. A query
in a handler first writes what is pending, so that it sees it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.orm import Session

from microgov.services.chassis.store.bulk import select_all
from microgov.services.chassis.store.children import Under
from microgov.services.chassis.store.identity_map import Shelf, as_tuple

Key = tuple[type[Any], Any]
_CHUNK = 5000


class FoldSession(Session):
    """One batch's session on one connection; `write` leaves its changes in the open transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(bind=connection, autoflush=False)
        self.conn = connection
        self.shelves: dict[type[Any], Shelf] = {}

    def _shelf(self, cls: type[Any]) -> Shelf:
        found = self.shelves.get(cls)
        return found if found is not None else self.shelves.setdefault(cls, Shelf(cls, self.conn.dialect))

    def get(self, entity: Any, ident: Any, **_: Any) -> Any:
        """The row under a primary key: pending ones included, a missing one is asked for once."""
        try:
            return self.shelves[entity].known[ident]
        except KeyError:
            self.load([(entity, ident)])
            return self.shelves[entity].known[ident]

    def at_hand(self, entity: Any, ident: Any) -> Any:
        """The row, if it is known already; nothing is asked for."""
        return self._shelf(entity).known.get(ident)

    def add(self, instance: Any, _warn: bool = True) -> None:
        """A new row, written at the end of the batch; from now on it is a plain one."""
        shelf = self._shelf(type(instance))
        instance.__class__ = shelf.plan.plain
        instance.__dict__.pop("_sa_instance_state", None)
        key = shelf.plan.key(instance)
        shelf.fresh[key] = shelf.known[key] = instance
        if shelf.families:
            shelf.joined(key)

    def family(self, cls: type[Any], parents: Iterable[Any]) -> list[Any]:
        """All rows whose key begins with one of `parents`, by key; asked for once in a batch."""
        self.load([(cls, Under(parent)) for parent in parents])
        return self._shelf(cls).family(parents)

    def delete(self, instance: Any) -> None:
        """Deletes at the end of the batch; a row of this batch is never written at all."""
        shelf = self._shelf(type(instance).__row_of__)
        key = shelf.plan.key(instance)
        if shelf.fresh.pop(key, None) is None:
            shelf.doomed[key] = instance
            shelf.loaded.pop(key, None)
        shelf.known[key] = None

    def execute(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query: what is pending is written first; a row that is known already is the known one.

        Rows beside other columns are the ORM's: to be shown, as questions do, not to be changed.
        """
        self.write(statement)
        described = getattr(statement, "column_descriptions", [])
        if not any(one["entity"] is not None and one["expr"] is one["entity"] for one in described):
            return self.conn.execute(statement, *arguments)
        if len(described) > 1:
            return super().execute(statement, *arguments)
        shelf = self._shelf(described[0]["entity"])
        stored = self.conn.execute(statement.with_only_columns(*shelf.plan.bulk.columns), *arguments)
        kept = [(shelf.keep(tuple(row)),) for row in stored]
        return IteratorResult(SimpleResultMetaData([described[0]["name"]]), iter(kept))

    def scalars(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query for objects: what is pending is written first."""
        return self.execute(statement, *arguments).scalars()

    def scalar(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """A query for one value: what is pending is written first."""
        return self.execute(statement, *arguments).scalar()

    def load(self, keys: Iterable[Key]) -> None:
        """Loads the rows that a batch names, one query per table, and remembers those that are not there.

        A key that is `Under` names all rows of a parent.
        """
        wanted: dict[type[Any], list[Any]] = defaultdict(list)
        parents: dict[tuple[type[Any], int], set[Any]] = defaultdict(set)
        shelves = self.shelves
        for cls, ident in keys:
            shelf = shelves[cls] if cls in shelves else self._shelf(cls)
            if type(ident) is Under:
                if ident.parent not in shelf.families:
                    parents[cls, len(as_tuple(ident.parent))].add(ident.parent)
            elif ident not in shelf.known:
                shelf.known[ident] = None
                wanted[cls].append(ident)
        rows = [(shelves[cls], some) for cls, idents in wanted.items() for some in _chunks(idents)]
        families = [(shelves[cls], some) for (cls, _), named in parents.items() for some in _chunks(sorted(named))]
        asked = [(shelf.plan.bulk, shelf.plan.tuples(idents)) for shelf, idents in rows]
        asked += [(shelf.plan.bulk, [as_tuple(parent) for parent in some]) for shelf, some in families]
        found = select_all(self.conn, asked)
        for (shelf, _), stored in zip(rows, found, strict=False):
            for one in stored:
                shelf.keep(one)
        for (shelf, some), stored in zip(families, found[len(rows) :], strict=True):
            shelf.adopt(some, stored)

    def write(self, before: Any = None) -> None:
        """Writes deletions, changes, then new rows, one statement per table and kind; the session goes on.

        `before` is a query: then only what lies in the tables that it reads.
        """
        shelves = list(self.shelves.values())
        if before is not None:
            asked = _tables(before)
            shelves = [shelf for shelf in shelves if shelf.plan.bulk.table in asked]
        for write in (Shelf.write_doomed, Shelf.write_changed, Shelf.write_fresh):
            for shelf in shelves:
                write(shelf, self.conn)


def _chunks(some: list[Any]) -> list[list[Any]]:
    return [some[at : at + _CHUNK] for at in range(0, len(some), _CHUNK)]


def _tables(statement: Any) -> set[sa.Table]:
    """Every table that a statement names, also inside subqueries."""
    return {one for one in sa.sql.visitors.iterate(statement) if isinstance(one, sa.Table)}
