"""The point to which an installation is restored: the newest backup, a sequence of a log, or a time by which the broker had
stored.

Databases, receipts and what the door had not read come from the newest backup that holds nothing beyond the point. Its logs
go on up to the point, as far as any later backup has them.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from microgov.safekeeping.folder import Backup, backups_in
from microgov.safekeeping.manifest import Manifest, StreamInBackup
from microgov.safekeeping.stream_parts import Part, Timed, parts_in
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.log import Stored

LOG = "LOG-"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Point(NamedTuple):
    """The message `seq` of the log of `tenant`, and in the other logs what the broker had stored by then; or `time` (UTC)
    in all of them.
    """

    tenant: str | None = None
    seq: int = 0
    time: datetime | None = None


class Chosen(NamedTuple):
    """What is restored: the backup, and its streams, the logs up to the point. `needed`: manifests that name the files.
    `generation`: that of the newest log in the folder, of whatever backup.
    """

    backup: Backup
    manifest: Manifest
    streams: Mapping[str, StreamInBackup]
    needed: tuple[Manifest, ...]
    generation: int


def choose(folder: Path, point: Point | None) -> Chosen:
    """The backup in the folder of all backups, and the end of each log. Raises Problem."""
    whole = [(one, one.manifest) for one in backups_in(folder) if one.manifest is not None]
    if not whole:
        raise Problem(
            f"{folder} 中没有完好的备份。", f"There is no backup in {folder} whose manifest can be read."
        )
    newest = {_generation(manifest): manifest for _, manifest in whole}  # of each generation the newest
    if point is None:
        backup, manifest = whole[-1]
        return Chosen(backup, manifest, manifest.streams, (manifest,), max(newest))
    _check_reached(point, newest[max(newest)])
    for generation in sorted(newest, reverse=True):
        longest = newest[generation]
        ends = _ends(folder, point, longest)
        for backup, manifest in reversed(whole):
            logs = _logs(manifest)
            if (
                _generation(manifest) <= generation
                and all(name in ends and one.end <= ends[name] for name, one in logs.items())
                and all(_goes_on(folder, one, _logs(longest)[name]) for name, one in logs.items())
            ):
                cut = {name: _logs(longest)[name].model_copy(update={"end": ends[name]}) for name in logs}
                return Chosen(backup, manifest, {**manifest.streams, **cut}, (manifest, longest), max(newest))
    oldest = whole[0][1]
    raise Problem(
        f"没有这样早的备份：最早的备份开始于 {oldest.began.isoformat()}，{_ends_in_words(oldest)}。",
        f"No backup is so old: the oldest one began at {oldest.began.isoformat()}, {_ends_in_words(oldest)}.",
    )


def _logs(manifest: Manifest) -> dict[str, StreamInBackup]:
    return {name: one for name, one in manifest.streams.items() if name.startswith(LOG)}


def _generation(manifest: Manifest) -> int:
    return max((one.generation for one in _logs(manifest).values()), default=0)


def _ends_in_words(manifest: Manifest) -> str:
    return ", ".join(f"{name}: {one.end}" for name, one in _logs(manifest).items())


def _check_reached(point: Point, newest: Manifest) -> None:
    """Raises Problem for a point behind what the newest backup holds, or in a log that it does not hold."""
    log = newest.streams.get(f"{LOG}{point.tenant}")
    if point.tenant is not None and log is None:
        raise Problem(
            f"备份中没有租户 {point.tenant} 的日志。请写 租户:序号，如 donghu:1234。",
            f"No backup holds a log of a tenant {point.tenant}. Write TENANT:SEQUENCE, such as donghu:1234.",
        )
    if (log is not None and log.end < point.seq) or (point.time is not None and point.time > newest.ended):
        raise Problem(
            f"没有备份到那里：最新的备份结束于 {newest.ended.isoformat()}，{_ends_in_words(newest)}。请不写 --to。",
            f"No backup goes so far: the newest one ended at {newest.ended.isoformat()}, {_ends_in_words(newest)}. To "
            "restore that, leave --to out.",
        )


def _ends(folder: Path, point: Point, longest: Manifest) -> dict[str, int]:
    """Where the logs end at the point, as far as the backup with the longest ones knows."""
    until = _time(folder, point, longest)
    found: dict[str, int] = {}
    for name, stream in _logs(longest).items():
        found[name] = 0
        for one in messages_in(folder, stream):
            if one.stored > until:
                break
            found[name] = one.message.seq
        if name == f"{LOG}{point.tenant}":
            found[name] = min(point.seq, stream.end)
    return found


def _time(folder: Path, point: Point, longest: Manifest) -> int:
    """The point as nanoseconds since 1970."""
    if point.time is not None:
        return nanoseconds(point.time)
    stored = 0
    for one in messages_in(folder, _logs(longest)[f"{LOG}{point.tenant}"]):
        if one.message.seq > point.seq:
            break
        stored = one.stored
    return stored


def nanoseconds(time: datetime) -> int:
    """The time as nanoseconds since 1970, exactly: a float of seconds is only exact to 240 ns today."""
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000


def _goes_on(folder: Path, log: StreamInBackup, longer: StreamInBackup) -> bool:
    """Whether a log of the same or of a later generation has the same last message as this one: then it goes on with it."""
    return log.generation == longer.generation or _at(folder, log, log.end) == _at(folder, longer, log.end)


def _at(folder: Path, log: StreamInBackup, seq: int) -> Stored | None:
    part = next((one for one in _parts(folder, log) if one.first <= seq <= one.last), None)
    found = (
        (one.message for one in part.messages() if one.message.seq == seq) if part is not None else iter(())
    )
    return next(found, None)


def messages_in(folder: Path, stream: StreamInBackup) -> Iterator[Timed]:
    """The messages of a stream in a backup, up to its end."""
    for part in _parts(folder, stream):
        if part.first <= stream.end:
            yield from (one for one in part.messages() if stream.first <= one.message.seq <= stream.end)


def _parts(folder: Path, stream: StreamInBackup) -> list[Part]:
    wanted = frozenset(stream.parts)
    return [part for part in parts_in(folder / stream.folder) if part.path.name in wanted]
