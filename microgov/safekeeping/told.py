"""What a log tells about the rows that it does not hold: which there must be (contacts, files, keys), and which were erased.

A table's `info` names the messages: `told_on` tells of a row, `over_on` (several) and `erased_on` that it is gone. The row
is the one whose column `of` (the one in `erased_by`, if there is one) has the value of that name in the message, or of its
subject.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts.message import type_in
from microgov.safekeeping.databases import marked_tables
from microgov.safekeeping.erasures import Erasure
from microgov.safekeeping.stream_parts import Timed
from microgov.services.chassis.installed import installed
from microgov.services.chassis.log import Stored, body_of, recorded_in


class Lacking(NamedTuple):
    """A row that the log tells of and the database lacks: its database, its table, and whose it is."""

    database: str
    table: str
    of: str


class _Table(NamedTuple):
    home: str
    name: str
    column: str
    gone: frozenset[str]


class Told:
    """Watches the messages of one tenant's log go by."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.rows: dict[_Table, set[str]] = {}
        self.gone: list[Erasure] = []
        self.latest = datetime.fromtimestamp(0, UTC)
        self._of: dict[str, list[tuple[_Table, bool]]] = {}
        for home in (one.name for one in installed()):
            for table, kind, comes in _marks(home):
                self._of.setdefault(kind, []).append((table, comes))

    def watch(self, messages: Iterable[Timed]) -> Iterator[Timed]:
        """The same messages; what they tell is noted, and at the end the recordedtime of the last one."""
        last: Stored | None = None
        for one in messages:
            kind = type_in(one.message.subject)
            for table, comes in self._of.get(kind, ()):
                self._note(table, comes, one.message.seq, body_of(one.message))
            last = one.message
            yield one
        self.latest = recorded_in(last) if last is not None else self.latest

    def _note(self, table: _Table, comes: bool, seq: int, body: dict[str, Any]) -> None:
        of, rows = str(body["data"].get(table.column, body["subject"])), self.rows.setdefault(table, set())
        if comes:
            rows.add(of)
        else:
            rows.discard(of)
            at = f"{table.home}/{self.tenant}"
            self.gone.append(Erasure(database=at, table=table.name, of=of, seq=seq, time=str(body["time"])))

    def lacking(self, home: str, c: Connection) -> list[Lacking]:
        """What this database of the tenant lacks."""
        found: list[Lacking] = []
        for table, rows in self.rows.items():
            if table.home == home and rows:
                column: sa.ColumnClause[str] = sa.column(table.column)
                there = {str(one) for one in c.scalars(sa.select(column).select_from(sa.table(table.name)))}
                found += [Lacking(f"{home}/{self.tenant}", table.name, of) for of in sorted(rows - there)]
        return found


def _marks(home: str) -> Iterator[tuple[_Table, str, bool]]:
    """Table, type of message, and whether the row comes or goes with it."""
    told, erased, over = (marked_tables(home, mark) for mark in ("told_on", "erased_on", "over_on"))
    columns = {**marked_tables(home, "of"), **marked_tables(home, "erased_by")}
    for name in told:
        gone = [str(erased[name])] if name in erased else list(map(str, _several(over.get(name))))
        table = _Table(home, name, str(columns[name]), frozenset(gone))
        yield table, str(told[name]), True
        yield from ((table, kind, False) for kind in gone)


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else ()


def erase(c: Connection, home: str, tenant: str, erased: Iterable[Erasure], after: int) -> int:
    """Deletes the rows that were erased by messages behind the sequence `after`; returns how many there were."""
    columns, count = marked_tables(home, "erased_by"), 0
    for one in erased:
        if one.database == f"{home}/{tenant}" and one.seq > after and one.table in columns:
            column: sa.ColumnClause[str] = sa.column(str(columns[one.table]))
            count += c.execute(sa.delete(sa.table(one.table, column)).where(column == one.of)).rowcount
    return count
