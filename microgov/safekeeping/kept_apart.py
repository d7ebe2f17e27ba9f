"""The rows that stand in no dated backup: the keys of secret ballots that are still open.

Whoever held a dated backup with such a key could read the votes of that ballot for ever. So all these rows stand in one
sealed file beside the backups, which is written anew with each backup and whenever a row comes or goes; the file of before
is removed. Its name holds its time (UTC) and its sha256: `apart-TIME-SHA256.zst.age`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy.engine import Connection

from microgov.safekeeping import sealing
from microgov.safekeeping.databases import marked_tables, snapshot
from microgov.safekeeping.durable import sha256_of
from microgov.safekeeping.kept_rows import Row, kept_tables, rows_of
from microgov.services.chassis.installed import installed
from microgov.services.chassis.runtime.file_access import sync_folder
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store.engine import engine as make_engine

PREFIX = "apart-"
_NEW = ".apart.new"
MARK = "kept_apart"


class RowApart(NamedTuple):
    """A row that is kept apart: its database (`SERVICE/TENANT`), its table, its columns."""

    database: str
    table: str
    row: Row


def rows_apart(settings: Settings) -> list[RowApart]:
    """All rows that are kept apart, of every tenant; there are as many as open secret ballots."""
    found: list[RowApart] = []
    for home in (one.name for one in installed()):
        names = marked_tables(home, MARK)
        for tenant in settings.hosted() if names else ():
            with _reading(settings, home, tenant.name) as c:
                for table in kept_tables(c, ()):
                    if table.name in names:
                        at = f"{home}/{tenant.name}"
                        found += [RowApart(at, str(table.name), row) for row in rows_of(c, table)]
    return found


@contextmanager
def _reading(settings: Settings, home: str, tenant: str) -> Iterator[Connection]:
    engine = make_engine(settings.database_url(home, tenant), settings.database_password, cache_kb=1_024)
    try:
        with snapshot(engine) as c:
            yield c
    finally:
        engine.dispose()


def write_apart(folder: Path, rows: Iterable[RowApart], recipient: str) -> Path:
    """Writes the file with these rows in place of the one that is there."""
    beside = folder / _NEW
    beside.unlink(missing_ok=True)
    sealing.seal((orjson.dumps([*one], option=orjson.OPT_APPEND_NEWLINE) for one in rows), beside, recipient)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    to = folder / f"{PREFIX}{now}-{sha256_of(beside)}{sealing.SUFFIX}"
    beside.rename(to)
    for other in files_apart(folder):
        if other != to:
            other.unlink()
    sync_folder(folder)
    return to


def files_apart(folder: Path) -> list[Path]:
    """The file; two if the last writing was interrupted, the newest last; none before the first one."""
    return sorted(folder.glob(f"{PREFIX}*{sealing.SUFFIX}"))


def is_whole(path: Path) -> bool:
    """Whether the file is what was written."""
    return path.name.endswith(f"-{sha256_of(path)}{sealing.SUFFIX}")


def opened_apart(folder: Path, private_key: str) -> list[RowApart]:
    """The rows in the file. Raises Problem if it is damaged, or sealed to another recipient."""
    lines = (line for path in files_apart(folder)[-1:] for line in sealing.opened_lines(path, private_key))
    return [RowApart(*orjson.loads(line)) for line in lines]
