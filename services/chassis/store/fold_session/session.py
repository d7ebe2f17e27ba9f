"""The session that handlers use: a subclass of SQLAlchemy's Session with its own identity map, which also remembers pending
and missing rows.

Its rows are instances of the mapped classes but have plain attributes, without the ORM's tracking of changes. At the end of
a batch, changes are found by comparing and are written in one statement per table and kind (insert, update, delete).
tests/chassis/test_fold_session.py checks that the database then holds exactly what the ORM's own flush would write.
A query in a handler first writes the pending changes, so that it sees them.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

from microgov.services.chassis.store.fold_session.bulk import select_all
from microgov.services.chassis.store.fold_session.children import KeyPrefix
from microgov.services.chassis.store.fold_session.identity_map import OnWrite, RowSet, as_tuple
from microgov.services.chassis.store.fold_session.unsupported import NotSupported, SessionWithoutExtras

Key = tuple[type[Any], Any]
_CHUNK = 5000


class FoldSession(SessionWithoutExtras):
    """The session of one batch on one connection; `write` writes its changes into the open transaction.

    `on_write`, if there is one, is called with all rows that are written.
    """

    def __init__(self, connection: Connection, on_write: OnWrite | None = None) -> None:
        super().__init__(bind=connection, autoflush=False)
        self.conn, self.on_write = connection, on_write
        self.row_sets: dict[type[Any], RowSet] = {}

    def _row_set(self, cls: type[Any]) -> RowSet:
        found = self.row_sets.get(cls)
        if found is None:
            found = self.row_sets[cls] = RowSet(cls, self.conn.dialect, self.on_write)
        return found

    def get(self, entity: Any, ident: Any, **_: Any) -> Any:
        """The row with this primary key, or None; pending rows are included. The database is asked only once per key, even
        if the row is missing.
        """
        try:
            return self.row_sets[entity].rows[ident]
        except KeyError:
            self.load([(entity, ident)])
            return self.row_sets[entity].rows[ident]

    def at_hand(self, entity: Any, ident: Any) -> Any:
        """The row if the session has it, else None, without a query."""
        return self._row_set(entity).rows.get(ident)

    def add(self, instance: Any, _warn: bool = True) -> None:
        """Adds a new row, which is written at the end of the batch; from now on it has plain attributes."""
        row_set = self._row_set(type(instance))
        instance.__class__ = row_set.plan.plain
        instance.__dict__.pop("_sa_instance_state", None)
        key = row_set.plan.key(instance)
        row_set.added[key] = row_set.rows[key] = instance
        if row_set.families:
            row_set.add_to_families(key)

    def family(self, cls: type[Any], parents: Iterable[Any]) -> list[Any]:
        """All rows whose key begins with one of `parents`, ordered by key; the database is asked once per batch."""
        self.load([(cls, KeyPrefix(parent)) for parent in parents])
        return self._row_set(cls).family(parents)

    def delete(self, instance: Any) -> None:
        """Deletes the row at the end of the batch; a row that was added in this batch is never written at all."""
        row_set = self._row_set(type(instance).__row_of__)
        key = row_set.plan.key(instance)
        if row_set.added.pop(key, None) is None:
            row_set.deleted[key] = instance
            if (stored := row_set.stored.pop(key, None)) is not None:
                row_set.deleted_values[key] = stored
        row_set.rows[key] = None

    def execute(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """Runs a query after the pending changes are written; a row that the session has already is returned as the
        same object.

        Entities that are selected together with other columns are objects of the ORM: questions may read them, but handlers
        must not change them. Raises NotSupported for a statement that changes rows.
        """
        if getattr(statement, "is_dml", False) or getattr(statement, "is_text", False):
            raise NotSupported(
                "execute of anything but a query", "change the rows that get, scalars or family return"
            )
        self.write(statement)
        described = getattr(statement, "column_descriptions", [])
        if not any(one["entity"] is not None and one["expr"] is one["entity"] for one in described):
            return self.conn.execute(statement, *arguments)
        if len(described) > 1:
            return super().execute(statement, *arguments)
        row_set = self._row_set(described[0]["entity"])
        stored = self.conn.execute(statement.with_only_columns(*row_set.plan.bulk.columns), *arguments)
        kept = [(row_set.keep(tuple(row)),) for row in stored]
        return IteratorResult(SimpleResultMetaData([described[0]["name"]]), iter(kept))

    def scalars(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """Runs a query for objects after the pending changes are written."""
        return self.execute(statement, *arguments).scalars()

    def scalar(self, statement: Any, *arguments: Any, **keywords: Any) -> Any:
        """Runs a query for one value after the pending changes are written."""
        return self.execute(statement, *arguments).scalar()

    def has_changes(self) -> list[str]:
        """The names of the tables with changes that are not written yet."""
        return sorted(one.plan.bulk.table.name for one in self.row_sets.values() if one.has_changes())

    def load(self, keys: Iterable[Key]) -> None:
        """Loads the rows with these keys, one query per table, and remembers which of them are missing.

        A key that is a `KeyPrefix` names all rows of a parent.
        """
        wanted: dict[type[Any], list[Any]] = defaultdict(list)
        parents: dict[tuple[type[Any], int], set[Any]] = defaultdict(set)
        row_sets = self.row_sets
        for cls, ident in keys:
            row_set = row_sets[cls] if cls in row_sets else self._row_set(cls)
            if type(ident) is KeyPrefix:
                if ident.parent not in row_set.families:
                    parents[cls, len(as_tuple(ident.parent))].add(ident.parent)
            elif ident not in row_set.rows:
                row_set.rows[ident] = None
                wanted[cls].append(ident)
        rows = [(row_sets[cls], some) for cls, idents in wanted.items() for some in _chunks(idents)]
        families = [
            (row_sets[cls], some) for (cls, _), named in parents.items() for some in _chunks(sorted(named))
        ]
        asked = [(row_set.plan.bulk, row_set.plan.tuples(idents)) for row_set, idents in rows]
        asked += [(row_set.plan.bulk, [as_tuple(parent) for parent in some]) for row_set, some in families]
        found = select_all(self.conn, asked)
        for (row_set, _), stored in zip(rows, found, strict=False):
            for one in stored:
                row_set.keep(one)
        for (row_set, some), stored in zip(families, found[len(rows) :], strict=True):
            row_set.adopt(some, stored)

    def write(self, before: Any = None) -> None:
        """Writes deletions, then changes, then new rows, one statement per table and kind; the session can be used
        further.

        `before` is a query: then only the changes in the tables that it reads are written.
        """
        row_sets = list(self.row_sets.values())
        if before is not None:
            asked = _tables(before)
            row_sets = [row_set for row_set in row_sets if row_set.plan.bulk.table in asked]
        for write in (RowSet.write_deleted, RowSet.write_changed, RowSet.write_added):
            for row_set in row_sets:
                write(row_set, self.conn)


def _chunks(some: list[Any]) -> list[list[Any]]:
    return [some[at : at + _CHUNK] for at in range(0, len(some), _CHUNK)]


def _tables(statement: Any) -> set[sa.Table]:
    """Every table that a statement names, also inside subqueries."""
    return {one for one in sa.sql.visitors.iterate(statement) if isinstance(one, sa.Table)}
