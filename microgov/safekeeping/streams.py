"""The streams of the broker in a backup: logs, receipts, copies for publishers, and what the door has not read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from microgov.safekeeping.folder import STREAMS, name_in_backup
from microgov.safekeeping.manifest import StreamInBackup
from microgov.safekeeping.stream_parts import Part, add_parts, parts_in
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.log import generation_of
from microgov.services.gateway.accounts.permissions import SHARED_STREAMS, Publisher

NO_STREAM, NO_CONSUMER = 10059, 10014
Progress = Callable[[int], None]


class StreamBackup:
    """Backs up streams into the folder of all backups. `bus`: a connection as the operator; `step`: see create.Step."""

    def __init__(
        self,
        bus: Bus,
        folder: Path,
        publishers: Sequence[Publisher],
        step: Callable[[str, int | None], Progress],
    ) -> None:
        self.bus, self.folder, self.publishers, self.step = bus, folder, publishers, step

    async def shared(self, name: str) -> StreamInBackup:
        """Adds what is new in a stream to its parts, which all backups share."""
        info = await self._info(name)
        place = self.folder / STREAMS / f"{name}.{generation_of(info)}"
        return await self._added(name, place, info, await self._read_up_to(name))

    async def unread(self, name: str, to: Path) -> StreamInBackup:
        """Writes what the door has not read, into the folder of this backup (`to`)."""
        return await self._added(name, to / "in" / name, await self._info(name), {}, as_sent=True)

    async def _added(
        self, name: str, place: Path, info: dict[str, Any], read_up_to: dict[str, int], as_sent: bool = False
    ) -> StreamInBackup:
        first, end = int(info["state"]["first_seq"]), int(info["state"]["last_seq"])
        known = _parts_in_made(place)
        progress = self.step(name, end - (known[-1].last if known else first - 1))
        await add_parts(self.bus, name, place, max(first, 1), end, progress, as_sent)
        parts = [part.path.name for part in parts_in(place) if first <= part.last <= end]
        return StreamInBackup(
            generation=generation_of(info),
            first=first,
            end=end,
            folder=name_in_backup(self.folder, place),
            parts=parts,
            read_up_to=read_up_to,
        )

    async def _info(self, name: str) -> dict[str, Any]:
        try:
            return await self.bus.api(f"STREAM.INFO.{name}")
        except ApiError as error:
            if error.code != NO_STREAM:
                raise
            raise Problem(
                f"消息服务器中没有流 {name}，备份不完整，因此没有写入。请用 `microgov status` 查看。",
                f"The broker has no stream {name}; a backup would not be whole, so none was made. See `microgov status`.",
            ) from error

    async def _read_up_to(self, name: str) -> dict[str, int]:
        if name not in SHARED_STREAMS:
            return {}
        found: dict[str, int] = {}
        for publisher in self.publishers:
            try:
                info = await self.bus.api(f"CONSUMER.INFO.{name}.{publisher.name}")
                found[publisher.name] = int(info["ack_floor"]["stream_seq"])
            except ApiError as error:
                if error.code != NO_CONSUMER:
                    raise
        return found


def _parts_in_made(folder: Path) -> list[Part]:
    folder.mkdir(parents=True, exist_ok=True)
    return parts_in(folder)
