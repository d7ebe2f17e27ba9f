"""The rows that no log brings back: a dump of a database without the tables that are folded from the log.

One line of JSON for each row: `["table", {"column": value, …}]`, tables by name, rows by primary key. A value is as the
database holds it; bytes are `{"base64": "…"}`. The tables are those that the database has, not those that this version
knows, so that a database of another version can be dumped, and loaded at its own revision.
"""

import base64
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

NOT_KEPT = frozenset({"alembic_version", "lease", "prepared"})
"""Tables that are about the database itself: its revision, and who works on it."""
TOGETHER = 1000
"""How many rows are read, or written, at once."""
Row = dict[str, Any]


class NotLoaded(Exception):
    """The dump does not fit this database; the text says which table or column is missing, or holds rows."""


def kept_tables(c: Connection, folded: Iterable[str]) -> list[sa.Table]:
    """The tables of the database by name, without those in `folded` and NOT_KEPT."""
    left_out = NOT_KEPT | frozenset(folded)
    names = [name for name in sorted(sa.inspect(c).get_table_names()) if name not in left_out]
    return [sa.Table(str(name), sa.MetaData(), autoload_with=c) for name in names]


def rows_of(c: Connection, table: sa.Table) -> Iterator[Row]:
    """The rows of a table by primary key. Of an outbox, those that are not known to stand in their stream: the others are
    read from there.
    """
    chosen = sa.select(table).order_by(*table.primary_key.columns)
    if table.name == "outbox":
        writer = sa.table("writer", sa.column("name"), sa.column("published"))
        published = sa.select(writer.c.published).where(writer.c.name == table.c.writer).scalar_subquery()
        chosen = chosen.where(table.c.n > sa.func.coalesce(published, 0))
    names = [str(column.name) for column in table.columns]
    for row in c.execute(chosen, execution_options={"yield_per": TOGETHER}):
        yield dict(zip(names, map(_shown, row), strict=True))


def line_of(table: str, row: Row) -> bytes:
    """A row as a line of the dump."""
    return orjson.dumps([table, row], option=orjson.OPT_APPEND_NEWLINE)


def load(c: Connection, folded: Iterable[str], lines: Iterable[bytes]) -> dict[str, int]:
    """Writes the rows of a dump into the database, whose kept tables must be empty; returns how many by table. Raises
    NotLoaded.
    """
    tables = {table.name: table for table in kept_tables(c, folded)}
    counts: dict[str, int] = {}
    for name, rows in groupby(map(orjson.loads, lines), key=lambda row: str(row[0])):
        table = tables.get(name)
        if table is None:
            raise NotLoaded(f"the database has no table {name}")
        if name in counts or c.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise NotLoaded(f"the table {name} holds rows already")
        counts[name] = _insert(c, table, (values for _, values in rows))
    return counts


def _insert(c: Connection, table: sa.Table, rows: Iterator[Row]) -> int:
    count, known = 0, {column.name for column in table.columns}
    while some := [{name: _read(value) for name, value in row.items()} for row in islice(rows, TOGETHER)]:
        if other := {name for row in some for name in row} - known:
            raise NotLoaded(f"the table {table.name} has no column {', '.join(sorted(other))}")
        c.execute(table.insert(), some)
        count += len(some)
    return count


def _shown(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _read(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
