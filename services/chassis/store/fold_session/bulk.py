"""Reads and writes many rows in one statement, without the ORM and SQLAlchemy's compiler; on PostgreSQL statements are sent
in a pipeline.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.store.engine import is_postgresql

_PLAIN: tuple[tuple[type[Any], str], ...] = (
    (sa.String, "text"),
    (sa.Boolean, "bool"),
    (sa.Integer, "int8"),
    (sa.LargeBinary, "bytea"),
)


def _plain_type(column: sa.Column[Any]) -> str:
    """PostgreSQL's name for a column's type."""
    kind = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
    return next(name for known, name in _PLAIN if isinstance(kind, known))


def converters(columns: Sequence[sa.Column[Any]], dialect: sa.Dialect) -> list[Any]:
    """For each column the function that turns its Python value into the stored one; None if they are the same."""
    return [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]


def readers(columns: Sequence[sa.Column[Any]], dialect: sa.Dialect) -> dict[int, Callable[[Any], Any]]:
    """Index of a column → the function that turns its stored value into the Python value; only columns where the two
    differ.
    """
    made = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return {at: one for at, one in enumerate(made) if one is not None}


def _each(rows: Sequence[tuple[Any, ...]], by: dict[int, Callable[[Any], Any]]) -> Sequence[tuple[Any, ...]]:
    """The rows, with the values at these column indexes converted."""
    if not by:
        return rows
    made: list[Any] = [list(row) for row in rows]
    for at, convert in by.items():
        for row in made:
            row[at] = convert(row[at])
    return [tuple(row) for row in made]


class Bulk:
    """Reads and writes many rows of one table in one statement.

    SQLite writes with executemany. PostgreSQL gets all rows as one JSON parameter, which is encoded in C and unpacked by
    the server (one array per column would be built value by value in Python), or by binary COPY (`copy`).
    """

    def __init__(self, table: sa.Table, dialect: sa.Dialect) -> None:
        self.table, self.dialect = table, dialect
        self.columns = list(table.columns)
        self.names = [str(column.name) for column in self.columns]
        self.keys = [str(column.name) for column in table.primary_key.columns]
        self.pg = dialect.name == "postgresql"
        self.convert = dict(zip(self.names, converters(self.columns, dialect), strict=True))
        self.read = readers(self.columns, dialect)
        self.types = {str(c.name): _plain_type(c) for c in self.columns}
        quote = dialect.identifier_preparer.quote
        self.quoted = {name: quote(name) for name in self.names}
        self.title = quote(table.name)
        self._updates: dict[tuple[str, ...], str] = {}
        self._selects = {n: self._select_sql(self.keys[:n]) for n in range(1, len(self.keys) + 1)}
        self._insert, self._copy = self._insert_sql(), self._copy_sql()
        self._delete = self._delete_sql()

    def _rows(self, names: Sequence[str]) -> str:
        typed = ",".join(f"{self.quoted[name]} {self.types[name]}" for name in names)
        return f"json_to_recordset(%s::json) AS v({typed})"

    def _select_sql(self, keys: Sequence[str]) -> str:
        q = self.quoted
        columns = ",".join(f"t.{q[name]}" for name in self.names)
        if self.pg:
            match = " AND ".join(f"t.{q[k]}=v.{q[k]}" for k in keys)
            return f"SELECT {columns} FROM {self._rows(keys)} JOIN {self.title} t ON {match}"
        match = " AND ".join(f"t.{q[k]}=json_extract(v.value,'$[{at}]')" for at, k in enumerate(keys))
        return f"SELECT {columns} FROM json_each(?) v CROSS JOIN {self.title} t ON {match}"

    def _insert_sql(self) -> str:
        names = ",".join(self.quoted[name] for name in self.names)
        if self.pg:
            return f"INSERT INTO {self.title} ({names}) SELECT {names} FROM {self._rows(self.names)}"
        return f"INSERT INTO {self.title} ({names}) VALUES ({','.join('?' * len(self.names))})"

    def _copy_sql(self) -> str:
        return f"COPY {self.title} ({','.join(self.quoted[name] for name in self.names)}) FROM STDIN (FORMAT BINARY)"

    def _delete_sql(self) -> str:
        q = self.quoted
        if self.pg:
            match = " AND ".join(f"t.{q[k]}=v.{q[k]}" for k in self.keys)
            return f"DELETE FROM {self.title} t USING {self._rows(self.keys)} WHERE {match}"
        return f"DELETE FROM {self.title} WHERE " + " AND ".join(f"{q[k]}=?" for k in self.keys)

    def _update_sql(self, names: tuple[str, ...]) -> str:
        q = self.quoted
        if self.pg:
            every = (*names, *self.keys)
            match = " AND ".join(f"t.{q[k]}=v.{q[k]}" for k in self.keys)
            return (
                f"UPDATE {self.title} t SET {','.join(f'{q[n]}=v.{q[n]}' for n in names)} FROM "
                f"{self._rows(every)} WHERE {match}"
            )
        return f"UPDATE {self.title} SET {','.join(f'{q[n]}=?' for n in names)} WHERE " + " AND ".join(
            f"{q[k]}=?" for k in self.keys
        )

    def _converted(self, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        return _each(
            rows, {at: self.convert[name] for at, name in enumerate(names) if self.convert[name] is not None}
        )

    def stored(self, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Whole rows, in the order of the columns, with their values as the database holds them."""
        return self._converted(self.names, rows)

    def _run(
        self, connection: Connection, sql: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        rows = self._converted(names, rows)
        if self.pg:
            every = orjson.dumps([dict(zip(names, row, strict=True)) for row in rows]).decode()
            driver: Any = connection.connection.driver_connection
            with _with_sqlalchemys_errors(self.dialect):
                driver.cursor().execute(sql, (every,))
        else:
            try:
                connection.exec_driver_sql(sql, rows)
            except OverflowError as error:  # raised by sqlite3 itself, which SQLAlchemy does not translate
                raise sa.exc.DataError(sql, None, error) from error

    def _asked(self, keys: Sequence[tuple[Any, ...]]) -> str:
        names = self.keys[: len(keys[0])]
        keys = self._converted(names, keys)
        return orjson.dumps(
            [dict(zip(names, key, strict=True)) for key in keys] if self.pg else keys
        ).decode()

    def select(self, connection: Connection, keys: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """The rows with these primary keys, or, if the keys given have fewer values, all rows whose primary key begins with
        one of them. Values are converted to Python types.
        """
        return select_all(connection, [(self, keys)])[0]

    def insert(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Inserts rows whose values are in the order of the table's columns; none may be bytes."""
        if rows:
            self._run(connection, self._insert, self.names, rows)

    def copy(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Inserts rows that are large or hold bytes, on PostgreSQL by COPY. Do not use it inside `overlapped`."""
        if rows and self.pg:
            driver: Any = connection.connection.driver_connection
            with (
                _with_sqlalchemys_errors(self.dialect),
                driver.cursor() as cursor,
                cursor.copy(self._copy) as copy,
            ):
                copy.set_types(list(self.types.values()))
                for row in self._converted(self.names, rows):
                    copy.write_row(row)
        elif rows:
            self._run(connection, self._insert, self.names, rows)

    def update(self, connection: Connection, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Updates rows; each row of `rows` has the new values of `names`, then the primary key."""
        if rows:
            sql = self._updates.get(names) or self._updates.setdefault(names, self._update_sql(names))
            self._run(connection, sql, (*names, *self.keys), rows)

    def delete(self, connection: Connection, keys: Sequence[tuple[Any, ...]]) -> None:
        """Deletes the rows under these primary keys."""
        if keys:
            self._run(connection, self._delete, self.keys, keys)


def select_all(
    connection: Connection, wanted: Sequence[tuple[Bulk, Sequence[tuple[Any, ...]]]]
) -> list[Sequence[tuple[Any, ...]]]:
    """The result of `select` for each pair of a table and keys. PostgreSQL gets all queries at once, and works on them while
    the first answers are read.
    """
    if not wanted:
        return []
    driver: Any = connection.connection.driver_connection
    with overlapped(connection):
        cursors = [
            driver.cursor().execute(bulk._selects[len(keys[0])], (bulk._asked(keys),))
            for bulk, keys in wanted
        ]
        return [
            _each(cursor.fetchall(), bulk.read) for (bulk, _), cursor in zip(wanted, cursors, strict=True)
        ]


@contextmanager
def overlapped(connection: Connection) -> Iterator[None]:
    """Sends the statements inside the block without waiting for their results (PostgreSQL's pipeline mode). An error of
    one of them is raised at the end of the block at the latest.
    """
    driver: Any = connection.connection.driver_connection
    with (
        _with_sqlalchemys_errors(connection.dialect),
        driver.pipeline() if is_postgresql(connection) else nullcontext(),
    ):
        yield


@contextmanager
def _with_sqlalchemys_errors(dialect: sa.Dialect) -> Iterator[None]:
    """Turns the drivers' errors into SQLAlchemy's, because callers catch the classes of SQLAlchemy."""
    try:
        yield
    except (psycopg.Error, sqlite3.Error) as error:
        base = psycopg.Error if isinstance(error, psycopg.Error) else sqlite3.Error
        raise sa.exc.DBAPIError.instance(None, None, error, base, dialect=dialect) from error
