"""A service's database in a backup: its kept rows, sealed; what is folded from the log is left out.

Three kinds of tables are told apart by their `info` (`__table_args__ = {"info": {…}}`):
- `erased_by` names a column: each row is sealed by itself, beside that column in clear, so that the rows of whoever asks to
  be forgotten can be taken out of every backup by somebody who cannot read them;
- `kept_apart`: the rows stand in no dated backup (keys of secret ballots; ballot_keys.py has them);
- all others are sealed together.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.safekeeping import sealing
from microgov.safekeeping.kept_rows import kept_tables, line_of, rows_of
from microgov.safekeeping.manifest import DatabaseInBackup
from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.bookkeeping import READER, WRITER
from microgov.services.chassis.store.engine import is_postgresql

ONE_BY_ONE = ".one-by-one.ndjson"
"""The end of the name of a file whose rows are sealed one by one."""
Progress = Callable[[int], None]


def folded_tables(home: str) -> frozenset[str]:
    """The names of the tables of a service that are folded from the log."""
    return frozenset(migrate.metadata_of(home)[0].tables)


def marked_tables(home: str, mark: str) -> Mapping[str, object]:
    """The kept tables of a service whose `info` has this mark: name → its value."""
    tables = [table for metadata in migrate.metadata_of(home)[1:] for table in metadata.tables.values()]
    return {str(table.name): table.info[mark] for table in tables if mark in table.info}


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads all see the database as it is now; it keeps nobody from writing."""
    reading = engine.connect().execution_options(reading_only=True, isolation_level=_isolation(engine))
    with reading as c, c.begin():
        if is_postgresql(c):
            # What is read goes to a disk, which may be slow; nobody waits for a transaction that only reads.
            c.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield c


def _isolation(engine: Engine) -> str:
    return "REPEATABLE READ" if engine.dialect.name == "postgresql" else "SERIALIZABLE"


def back_up(
    engine: Engine, home: str, to: Path, recipient: str, progress: Progress = lambda count: None
) -> DatabaseInBackup:
    """Writes the kept rows into two sealed files whose names begin with that of `to`."""
    erasable, apart = marked_tables(home, "erased_by"), marked_tables(home, "kept_apart")
    with snapshot(engine) as c:
        found = Counter[str]()
        tables = [table for table in kept_tables(c, folded_tables(home)) if table.name not in apart]
        together = (one for one in tables if one.name not in erasable)
        sealing.seal(_lines(c, together, found, progress), to.with_name(to.name + sealing.SUFFIX), recipient)
        one_by_one = to.with_name(to.name + ONE_BY_ONE)
        with one_by_one.open("xb") as out:
            for table in tables:
                if table.name in erasable:
                    out.writelines(_sealed_rows(c, table, str(erasable[table.name]), recipient, found))
        return DatabaseInBackup(
            revision=_revision(c),
            readers={row.stream: row.seq for row in c.execute(sa.select(READER.c.stream, READER.c.seq))},
            writers={row.name: row.next for row in c.execute(sa.select(WRITER.c.name, WRITER.c.next))},
            rows=dict(sorted(found.items())),
            one_by_one=one_by_one.name,
        )


def _lines(
    c: Connection, tables: Iterator[sa.Table], found: Counter[str], progress: Progress
) -> Iterator[bytes]:
    """The lines of the dump, and a last one with their sha256: it is compared by whoever opens the file."""
    total = sha256()
    for table in tables:
        for row in rows_of(c, table):
            line = line_of(str(table.name), row)
            total.update(line)
            found[str(table.name)] += 1
            progress(1)
            yield line
    yield line_of("", {"sha256": total.hexdigest()})


def _sealed_rows(
    c: Connection, table: sa.Table, by: str, recipient: str, found: Counter[str]
) -> Iterator[bytes]:
    for row in rows_of(c, table):
        sealed = sealing.seal_text(line_of(str(table.name), row), recipient)
        found[str(table.name)] += 1
        line = {"table": table.name, "of": row[by], "sealed": base64.b64encode(sealed).decode()}
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _revision(c: Connection) -> str:
    return str(c.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def opened_rows(to: Path, database: DatabaseInBackup, private_key: str) -> Iterator[bytes]:
    """The lines of both sealed files, as kept_rows.load takes them. Raises Problem if one cannot be opened, or if what was
    sealed is not what was read from the database.
    """
    path, total = to.with_name(to.name + sealing.SUFFIX), sha256()
    for line in sealing.opened_lines(path, private_key):
        table, row = orjson.loads(line)
        if not table and row["sha256"] == total.hexdigest():
            break
        total.update(line + b"\n")
        yield line
    else:
        raise sealing.not_opened(str(path))
    one_by_one = to.with_name(database.one_by_one)
    with one_by_one.open("rb") as lines:
        for n, line in enumerate(lines, 1):
            sealed = base64.b64decode(orjson.loads(line)["sealed"])
            yield sealing.opened_text(sealed, private_key, f"{one_by_one}:{n}")
