"""What the logs of an installation hold beyond the point to which it is restored: kept as recordings."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from microgov.safekeeping.folder import NAME_FORMAT, UNFINISHED
from microgov.safekeeping.manifest import StreamInBackup
from microgov.safekeeping.point import LOG
from microgov.safekeeping.private_broker import broker_on
from microgov.services.chassis.errors import Again
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.recording.recorder import Recorder


class Tail(NamedTuple):
    """What a log of that `generation` held beyond the point: a recording with so many `messages`; `file` is None if the log
    could not be read, or holds nothing beyond it.
    """

    tenant: str
    generation: int
    messages: int
    file: Path | None


async def record_tails(store: Path, logs: Mapping[str, StreamInBackup], to: Path) -> list[Tail]:
    """Records in the folder `to` what the logs in a broker's files hold beyond the ends of those that are restored."""
    if not _has_streams(store):
        return []
    found: list[Tail] = []
    with broker_on(store) as address:
        bus = await Bus.connect(address, "tail")
        try:
            for name, stream in logs.items():
                found.append(await _tail(bus, name.removeprefix(LOG), stream.end, to))
        finally:
            await bus.close()
    return found


def _has_streams(store: Path) -> bool:
    return any(store.rglob("*.blk"))


async def _tail(bus: Bus, tenant: str, end: int, to: Path) -> Tail:
    log = JetStreamLog(bus, tenant)
    try:
        generation, last = await log.generation(), await log.end()
        if last <= end:
            return Tail(tenant, generation, 0, None)
        unfinished = _unfinished(to, tenant)
        recorder, reader = Recorder.begun(unfinished, tenant), await log.read(end, None)
        while await reader.behind() or reader.taken < last:
            batch = await reader.batch(1000, 2.0)
            if not batch:
                break
            recorder.add(batch)
        await reader.close()
        recorder.finish({}, open_=True)
        file = _new_name(to, f"tail-{tenant}-{datetime.now(UTC):{NAME_FORMAT}}")
        unfinished.rename(file)
        return Tail(tenant, generation, recorder.count, file)
    except (ApiError, Again):
        return Tail(tenant, 0, 0, None)


def _unfinished(folder: Path, tenant: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{UNFINISHED}-{tenant}"
    path.unlink(missing_ok=True)  # an interrupted restore has left it
    return path


def _new_name(folder: Path, stem: str) -> Path:
    taken = len([*folder.glob(f"{stem}*")])
    return folder / f"{stem}{f'-{taken + 1}' if taken else ''}.ndjson"
