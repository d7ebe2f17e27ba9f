"""The folder of all backups.

.lock                              held while a backup is made or deleted
20261201T023000Z/                  a backup, named by the time when it began (UTC)
    manifest.json                  what it holds, written last
    verified.json                  when it was verified, and what was found
    settings.tar.zst.age           secrets, publishers, tenants; sealed
    kept/SERVICE_TENANT…           the rows that no log brings back; sealed
    in/STREAM/FIRST-LAST.ndjson.zst
erasures.json                      what was erased, and must not come back (erasures.py)
apart-TIME-SHA256.zst.age          keys of secret ballots that are open; sealed (kept_apart.py)
tails/tail-TENANT-TIME.ndjson     what a log held behind the point to which it was restored
streams/STREAM.GENERATION/FIRST-LAST.ndjson.zst
                                   parts of logs, receipts and copies for publishers, shared by all backups
"""

import asyncio
import fcntl
import re
import shutil
import time as clock
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from microgov.safekeeping.durable import Damaged, read_checked, write_checked
from microgov.safekeeping.manifest import Manifest, read_manifest
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.file_access import sync_folder

NAME = re.compile(r"\d{8}T\d{6}Z")
NAME_FORMAT = "%Y%m%dT%H%M%SZ"
STREAMS, VERIFIED, TAILS = "streams", "verified.json", "tails"
UNFINISHED = ".part"
PATIENCE = 10.0
"""How many seconds the lock of the folder is waited for: most who hold it need less than one."""


class Backup(NamedTuple):
    """A backup: its folder, and its manifest; None if that is damaged, and `damage` says how."""

    folder: Path
    manifest: Manifest | None
    damage: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def began(self) -> datetime:
        """When it began (UTC)."""
        return datetime.strptime(self.name, NAME_FORMAT).replace(tzinfo=UTC)

    def verified(self) -> datetime | None:
        """When it was last verified and found whole (UTC); None if it never was, or if that note is damaged."""
        try:
            found = read_checked(self.folder / VERIFIED)
        except (Damaged, FileNotFoundError):
            return None
        return datetime.fromisoformat(found["at"]) if found["ok"] else None

    def note_verified(self, at: datetime, ok: bool, **found: int) -> None:
        """Writes down that it was verified."""
        write_checked(self.folder / VERIFIED, {"at": at.isoformat(), "ok": ok, **found})


def backups_in(folder: Path) -> list[Backup]:
    """All backups in the folder, the oldest first. Raises Problem if there is no such folder."""
    if not folder.is_dir():
        raise Problem(
            f"{folder} 不是文件夹。请核对 --folder 或 MICROGOV_BACKUPS。",
            f"{folder} is no folder. Check --folder, or MICROGOV_BACKUPS.",
        )
    return [_read(path) for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name)]


def newest(folder: Path) -> Backup | None:
    """The newest backup whose manifest can be read; None without one."""
    known = backups_in(folder) if folder.is_dir() else []
    return next((one for one in reversed(known) if one.manifest is not None), None)


def chosen(folder: Path, name: str | None) -> Backup:
    """The backup with this name (None: the newest). Raises Problem."""
    known = backups_in(folder)
    found = next((one for one in reversed(known) if name in (None, one.name)), None)
    if found is None:
        names = ", ".join(one.name for one in known) or "–"
        raise Problem(
            f"{folder} 中没有备份{f' {name}' if name else ''}。现有：{names}。",
            f"There is no backup{f' {name}' if name else ''} in {folder}. There is: {names}.",
        )
    return found


def _read(path: Path) -> Backup:
    try:
        return Backup(path, read_manifest(path))
    except (Damaged, ValueError) as error:
        return Backup(path, None, str(error))


@contextmanager
def locked(folder: Path, patience: float | None = None) -> Iterator[None]:
    """Holds the lock of the folder, which is made. Raises Problem if another process holds it for longer than so many
    seconds (None: PATIENCE).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    until = clock.monotonic() + (PATIENCE if patience is None else patience)
    with (folder / ".lock").open("w") as lock:
        while not _taken(lock):
            if clock.monotonic() > until:
                raise Problem(
                    f"另一个进程正在使用 {folder}（备份或清理）。请等它结束。",
                    f"Another process makes or deletes a backup in {folder}. Wait until it has ended.",
                )
            clock.sleep(0.05)
        yield


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def held(folder: Path) -> AsyncIterator[None]:
    """Like `locked`; the event loop goes on meanwhile."""
    lock = locked(folder)
    await asyncio.to_thread(lock.__enter__)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def unfinished(folder: Path) -> list[str]:
    """The names of the backups whose making, or deletion, was interrupted."""
    return sorted(path.name.removesuffix(UNFINISHED) for path in folder.glob(f"*{UNFINISHED}"))


def remove_unfinished(folder: Path) -> None:
    """Removes what was left by a backup that was interrupted: its folder, and the part of a stream that it was writing."""
    for path in folder.glob(f"*{UNFINISHED}"):
        shutil.rmtree(path)
    for path in (folder / STREAMS).glob(f"*/{UNFINISHED}"):
        path.unlink()


@contextmanager
def being_made(folder: Path, now: datetime) -> Iterator[Path]:
    """The folder of a new backup, which gets its name at the end of the block if that raised nothing."""
    to = folder / now.strftime(NAME_FORMAT)
    beside = to.with_name(to.name + UNFINISHED)
    beside.mkdir(mode=0o700)
    try:
        yield beside
        sync_folder(beside)
        beside.rename(to)
        sync_folder(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def name_in_backup(folder: Path, path: Path) -> str:
    """The name of a file or folder relative to that of all backups, once the backup that is being made has its name."""
    return str(path.relative_to(folder)).replace(UNFINISHED, "", 1)


def delete(folder: Path, names: list[str]) -> None:
    """Deletes backups, and the parts of streams that no other backup names any more."""
    for name in names:
        going = folder / f"{name}{UNFINISHED}"  # what is left of it, if this is interrupted, is no backup
        (folder / name).rename(going)
        shutil.rmtree(going)
    left = backups_in(folder)
    if any(one.manifest is None for one in left):
        return  # nobody knows what a damaged backup needs
    needed = {file for one in left if one.manifest is not None for file in one.manifest.files}
    for path in (folder / STREAMS).glob("*/*"):
        if str(path.relative_to(folder)) not in needed:
            path.unlink()
