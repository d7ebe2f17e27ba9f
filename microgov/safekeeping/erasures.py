"""Erasures reach into backups: the sealed rows of whoever was erased are taken out of every backup that is here.

A table names the message by which the log tells of an erasure (`info`: `erased_on`); the message's subject is whose rows
are erased. Rows are sealed one by one, so that they can be taken out by somebody who cannot read them. The file
`erasures.json` beside the backups holds what was erased, up to which sequence of each log, and which backups were made: one
that was carried away cannot be reached, and is named.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict

from microgov.safekeeping.databases import marked_tables
from microgov.safekeeping.durable import Damaged, read_checked, sha256_of, write_checked
from microgov.safekeeping.folder import Backup, backups_in
from microgov.safekeeping.manifest import FileInBackup, Manifest
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import installed
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import body_of
from microgov.services.chassis.runtime.file_access import sync_folder

FILE = "erasures.json"


class Erasure(BaseModel):
    """What was erased: the rows of `table` in the database (`SERVICE/TENANT`) that belong to `of`. `seq` and `time` (UTC):
    those of the message that told so.
    """

    model_config = ConfigDict(frozen=True)

    database: str
    table: str
    of: str
    seq: int
    time: str


class Erasures(BaseModel):
    """The file. `upto`: by tenant, the sequence up to which the log was read; `made`: the names of the backups that were
    made here and not deleted since.
    """

    upto: dict[str, int] = {}
    erased: list[Erasure] = []
    made: list[str] = []


class Reached(NamedTuple):
    """What an erasure reached: how many rows it took out of which backups, and the backups that are not here."""

    rows: dict[str, int]
    away: list[str]


def read_erasures(folder: Path) -> Erasures:
    """The file in the folder of all backups. Raises Problem if it is damaged."""
    try:
        return Erasures.model_validate(read_checked(folder / FILE))
    except FileNotFoundError:
        return Erasures()
    except Damaged as damage:
        raise Problem(
            f"{folder / FILE} 已损坏。请从另一份副本取回它：其中记着哪些行已被删除，不能再恢复。",
            f"{folder / FILE} is damaged ({damage}). Take it from another copy: it says which rows were erased, and must "
            "not come back.",
        ) from damage


def write_erasures(folder: Path, erasures: Erasures) -> None:
    """Writes the file."""
    write_checked(folder / FILE, erasures.model_dump(mode="json"))


async def learn(bus: Bus, tenants: Iterable[str], erasures: Erasures) -> list[Erasure]:
    """Reads on in the logs; returns the erasures that are new, which are added."""
    found: list[Erasure] = []
    for tenant in tenants:
        tables = {kind: at for one in installed() for kind, at in _told_on(one.name).items()}
        log = JetStreamLog(bus, tenant)
        end, after = await log.end(), erasures.upto.get(tenant, 0)
        reader = await log.read(after, sorted(tables)) if tables and after < end else None
        while reader is not None and await reader.behind():
            for stored in await reader.batch(1000, 1.0):
                body = body_of(stored)
                home, table = tables[body["type"]]
                at = f"{home}/{tenant}"
                found.append(
                    Erasure(database=at, table=table, of=body["subject"], seq=stored.seq, time=body["time"])
                )
        if reader is not None:
            await reader.close()
        erasures.upto[tenant] = end
    erasures.erased += found
    return found


def _told_on(home: str) -> dict[str, tuple[str, str]]:
    """The types of messages that tell of an erasure: type → service and table."""
    return {str(kind): (home, table) for table, kind in marked_tables(home, "erased_on").items()}


def take_out(
    folder: Path, erased: Iterable[Erasure], progress: Callable[[int], None] = lambda count: None
) -> dict[str, int]:
    """Takes erased rows out of every backup in the folder that was made before; returns how many, by backup."""
    known, found = list(erased), dict[str, int]()
    for backup in backups_in(folder) if known else ():
        progress(1)
        if backup.manifest is not None:
            _remove_leftovers(backup, backup.manifest)
        if backup.manifest is not None and (count := _take_out_of(backup, backup.manifest, known)):
            found[backup.name] = count
    return found


def _take_out_of(backup: Backup, manifest: Manifest, erased: Iterable[Erasure]) -> int:
    files, databases, old = dict(manifest.files), dict(manifest.databases), list[Path]()
    count = 0
    for name, database in manifest.databases.items():
        # The row was gone before the message came into the log: what was read after that message is another row.
        end = manifest.ends_before[name.partition("/")[2]]
        mine = {(one.table, one.of) for one in erased if one.database == name and one.seq > end}
        path = backup.folder / "kept" / database.one_by_one
        lines = path.read_bytes().splitlines(keepends=True) if mine else []
        left = [line for line in lines if _whose(line) not in mine]
        if len(left) == len(lines):
            continue
        new = _next_name(path)
        with new.open("wb") as out:
            out.writelines(left)
            out.flush()
            os.fsync(out.fileno())
        del files[f"{backup.name}/kept/{path.name}"]
        files[f"{backup.name}/kept/{new.name}"] = FileInBackup(size=new.stat().st_size, sha256=sha256_of(new))
        gone = [_whose(line)[0] for line in lines if _whose(line) in mine]
        rows = {table: many - gone.count(table) for table, many in database.rows.items()}
        databases[name] = database.model_copy(update={"one_by_one": new.name, "rows": rows})
        old.append(path)
        count += len(gone)
    if old:
        sync_folder(backup.folder / "kept")
        manifest.model_copy(update={"files": files, "databases": databases}).write(backup.folder)
        for path in old:
            path.unlink()
    return count


def _remove_leftovers(backup: Backup, manifest: Manifest) -> None:
    """Removes what an erasure that was interrupted has left: rows that no manifest names, erased ones among them."""
    for path in (backup.folder / "kept").glob("*.ndjson"):
        if f"{backup.name}/kept/{path.name}" not in manifest.files:
            path.unlink()


def _whose(line: bytes) -> tuple[str, str]:
    found = orjson.loads(line)
    return found["table"], found["of"]


def _next_name(path: Path) -> Path:
    """The name of the file that takes the place of this one: `X.ndjson`, `X.1.ndjson`, `X.2.ndjson`."""
    stem, number = path.name.removesuffix(".ndjson"), path.name.removesuffix(".ndjson").rpartition(".")[2]
    base, n = (stem.removesuffix(f".{number}"), int(number)) if number.isdecimal() else (stem, 0)
    return path.with_name(f"{base}.{n + 1}.ndjson")


async def apply_erasures(bus: Bus, tenants: Iterable[str], folder: Path, all_again: bool = False) -> Reached:
    """Learns of erasures from the logs, and takes them out of the backups. The caller holds the lock of the folder.
    `all_again`: those of before, too; a backup may have been carried back.
    """
    erasures = read_erasures(folder)
    before = erasures.upto.copy()
    new = await learn(bus, tenants, erasures)
    rows = take_out(folder, erasures.erased if all_again else new)
    if erasures.upto != before:
        write_erasures(folder, erasures)
    here = {one.name for one in backups_in(folder)}
    return Reached(rows, [name for name in erasures.made if name not in here])


def note_made(folder: Path, name: str) -> None:
    """Notes a backup, so that it is missed when it is carried away."""
    erasures = read_erasures(folder)
    erasures.made.append(name)
    write_erasures(folder, erasures)


def note_deleted(folder: Path, names: list[str]) -> None:
    """Notes that backups were deleted: nobody has to look for them."""
    erasures = read_erasures(folder) if names else Erasures()
    left = [name for name in erasures.made if name not in names]
    if left != erasures.made:
        write_erasures(folder, erasures.model_copy(update={"made": left}))
