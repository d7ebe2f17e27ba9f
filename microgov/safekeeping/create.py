"""Makes a backup while everything runs.

In this order: the databases, then what the door has not read, receipts and copies for publishers, the log last. What a
database knows, the log then has.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from microgov.safekeeping import sealing, settings_archive
from microgov.safekeeping.databases import Progress, back_up
from microgov.safekeeping.durable import sha256_of
from microgov.safekeeping.erasures import apply_erasures, note_deleted, note_made
from microgov.safekeeping.folder import (
    NAME_FORMAT,
    STREAMS,
    Backup,
    being_made,
    held,
    name_in_backup,
    newest,
    remove_unfinished,
    unfinished,
)
from microgov.safekeeping.kept_apart import rows_apart, write_apart
from microgov.safekeeping.manifest import FORMAT, DatabaseInBackup, FileInBackup, Manifest, StreamInBackup
from microgov.safekeeping.streams import StreamBackup
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import installed
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.gateway.accounts.permissions import SHARED_STREAMS, in_name, log_name

SETTINGS = f"settings.tar{sealing.SUFFIX}"
Step = Callable[[str, int | None], Progress]
"""Called when a step begins, with its name and how many messages or rows it has (None: not known); returns a callback that
is called with how many of them were done.
"""


def silent(_what: str, _total: int | None) -> Progress:
    """A Step that shows nothing."""
    return lambda count: None


async def create(bus: Bus, settings: Settings, folder: Path, recipient: str, step: Step = silent) -> Backup:
    """Makes a backup of the installation with these settings, sealed to the recipient, in the folder of all backups.

    `bus`: a connection as the operator. Raises Problem or Again; then nothing is left of it but parts of streams, which the
    next one goes on with.
    """
    async with held(folder):
        note_deleted(folder, unfinished(folder))  # one may have been noted, and killed before it had its name
        remove_unfinished(folder)
        began = await asyncio.to_thread(_second_of_its_own, folder)
        known = newest(folder)
        before = known.manifest.files if known is not None and known.manifest is not None else {}
        with being_made(folder, began) as to:
            tenants = settings.hosted()
            ends = {one.name: await JetStreamLog(bus, one.name).end() for one in tenants}
            kept = await asyncio.to_thread(_databases, settings, tenants, to, recipient, step)
            streams = await _streams(bus, settings, tenants, folder, to, step)
            _check_logs(kept, streams)
            sealing.seal([settings_archive.archive(settings)], to / SETTINGS, recipient)
            made = Manifest(
                format=FORMAT,
                began=began,
                ended=datetime.now(UTC),
                version=version("microgov"),
                recipient=recipient,
                tenants={one.name: one.simulated_clock for one in tenants},
                ends_before=ends,
                databases=kept,
                streams=streams,
                files=_files(folder, to, streams.values(), before),
            )
            made.write(to)
            note_made(folder, name_in_backup(folder, to))  # so that no backup is ever there that is not noted
        await asyncio.to_thread(lambda: write_apart(folder, rows_apart(settings), recipient))
        await apply_erasures(bus, made.tenants, folder)
        return Backup(folder / name_in_backup(folder, to), made)


def _second_of_its_own(folder: Path) -> datetime:
    """The present second (UTC), which names the backup; the next one if a backup has this name."""
    while (folder / (now := datetime.now(UTC).replace(microsecond=0)).strftime(NAME_FORMAT)).exists():
        time.sleep(0.05)
    return now


def _databases(
    settings: Settings, tenants: Iterable[TenantSettings], to: Path, recipient: str, step: Step
) -> dict[str, DatabaseInBackup]:
    """Backs up every database. It runs in a thread of its own."""
    (to / "kept").mkdir()
    found: dict[str, DatabaseInBackup] = {}
    for tenant in tenants:
        for one in installed():
            engine = make_engine(
                settings.database_url(one.name, tenant.name), settings.database_password, cache_kb=4_096
            )
            name, path = f"{one.name}/{tenant.name}", to / "kept" / f"{one.name}_{tenant.name}"
            with _named(name):
                found[name] = back_up(engine, one.name, path, recipient, step(name, None))
            engine.dispose()
    return found


@contextmanager
def _named(database: str) -> Iterator[None]:
    """An error of the database becomes a Problem that names it."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        why = str(error.orig).strip()
        raise Problem(
            f"数据库 {database} 无法读取（{why}），没有写入备份。请修复它，或从备份恢复（`microgov restore`）。",
            f"The database {database} cannot be read ({why}); no backup was made. Mend it, or restore a backup by "
            "`microgov restore`.",
        ) from error


async def _streams(
    bus: Bus, settings: Settings, tenants: Iterable[TenantSettings], folder: Path, to: Path, step: Step
) -> dict[str, StreamInBackup]:
    publishers = list(Credentials(settings.publishers, settings.secrets).load().publishers.values())
    making = StreamBackup(bus, folder, publishers, step)
    hosted = {one.name for one in tenants}
    found: dict[str, StreamInBackup] = {}
    for publisher in publishers:
        for tenant in hosted.intersection(publisher.tenants):
            name = in_name(tenant, publisher.name)
            found[name] = await making.unread(name, to)
    for name in (*SHARED_STREAMS, *(log_name(tenant) for tenant in sorted(hosted))):
        found[name] = await making.shared(name)
    return dict(sorted(found.items()))


def _check_logs(kept: dict[str, DatabaseInBackup], streams: dict[str, StreamInBackup]) -> None:
    """Raises Problem if a database knows more of a log than the broker has: the log has lost its end."""
    for name, database in kept.items():
        log = log_name(name.partition("/")[2])
        of_log = (seq for reader, seq in database.readers.items() if not reader.startswith("IN-"))
        known = max(of_log, default=0)  # a tenant may have been added and not be served yet
        if known > streams[log].end:
            raise Problem(
                f"{log} 止于第 {streams[log].end} 条，而数据库 {name} 已知第 {known} 条：日志丢失了末尾。没有写入备份。"
                "请从备份恢复（`microgov restore`）。",
                f"{log} ends at {streams[log].end}, and the database {name} knows of {known}: the log has lost its end. No "
                "backup was made. Restore one by `microgov restore`.",
            )


def _files(
    folder: Path, to: Path, streams: Iterable[StreamInBackup], before: dict[str, FileInBackup]
) -> dict[str, FileInBackup]:
    """Size and sha256 of every file; of one that an earlier backup has, what that says, so that damage since is found."""
    own = [path for path in sorted(to.rglob("*")) if path.is_file()]
    shared = [one for one in streams if one.folder.startswith(STREAMS)]
    parts = [folder / one.folder / name for one in shared for name in one.parts]
    found: dict[str, FileInBackup] = {}
    for path in (*own, *parts):
        name = name_in_backup(folder, path)
        known = before.get(name)
        found[name] = known or FileInBackup(size=path.stat().st_size, sha256=sha256_of(path))
    return found
