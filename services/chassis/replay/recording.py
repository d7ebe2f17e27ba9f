"""Recordings: a tenant's log in a file. A replay compares its answers with the recorded ones.

NDJSON: a header {"microgov": 1, "tenant": …}; a line {"seq": …, "subject": …, "event": {…}} per message, canonical; a
trailer {"count": …, "sha256": …, "states": {service: [[seq, {table: sum}], …]}, "open": …}. The sha256 is that of all
message lines. `states` holds the state of each service after its messages (checkpoints.py); `open` means that the
recording ends before every fold had answered the last message. In place of `states`, older recordings have one digest for
each service.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from microgov.contracts.message import canonical
from microgov.services.chassis.log import MemoryLog, Outgoing, Stored, id_of
from microgov.services.chassis.replay.damage import (
    BadRecording,
    header_of,
    lines_of,
    messages_of,
    states_of_trailer,
    trailer_of,
)

FORMAT = 1
States = Sequence[tuple[int, Mapping[str, str]]]
"""The states of one service: a sequence of the log, and the sums of the tables that have changed since the state before."""


@dataclass(frozen=True)
class Recording:
    """A recording in memory. `digests`: of an older recording, the digest of each service at the end, else empty."""

    tenant: str
    messages: tuple[Stored, ...]
    digests: Mapping[str, str]
    open: bool = False
    states: Mapping[str, States] = field(default_factory=dict)

    def by(self, writer: str) -> list[Stored]:
        """One writer's messages, in order."""
        prefix = f"log.{self.tenant}.{writer}."
        return [m for m in self.messages if m.subject.startswith(prefix)]

    @cached_property
    def by_id(self) -> Mapping[str, Stored]:
        """Each message by its id; of several with one id the first."""
        return {id_of(m): m for m in reversed(self.messages)}


def line_of(stored: Stored) -> bytes:
    """A message as a line of a recording."""
    return b'{"event":%b,"seq":%d,"subject":"%b"}' % (stored.data, stored.seq, stored.subject.encode())


class RecordingWriter:
    """Writes a recording message by message, for a log that does not fit into memory. The file is there once `finish` was
    called; without it nothing is left but a hidden file beside it.
    """

    def __init__(self, path: Path, tenant: str) -> None:
        self.path, self.count, self.total = path, 0, hashlib.sha256()
        self._beside = path.with_name(f".{path.name}.new")
        self._out = self._beside.open("wb")
        self._out.write(canonical({"microgov": FORMAT, "tenant": tenant}) + b"\n")

    def add(self, stored: Stored) -> None:
        """Writes the next message."""
        line = line_of(stored) + b"\n"
        self.total.update(line)
        self._out.write(line)
        self.count += 1

    def finish(self, states: Mapping[str, States], open_: bool = False) -> int:
        """Writes the trailer; returns how many messages the recording holds."""
        trailer = {
            "count": self.count,
            "sha256": self.total.hexdigest(),
            "states": dict(states),
            "open": open_,
        }
        self._out.write(canonical(trailer) + b"\n")
        self._out.close()
        self._beside.replace(self.path)
        return self.count


def write(
    path: Path, tenant: str, messages: Iterable[Stored], states: Mapping[str, States], open_: bool = False
) -> int:
    """Writes a recording; returns how many messages it holds."""
    writer = RecordingWriter(path, tenant)
    for stored in messages:
        writer.add(stored)
    return writer.finish(states, open_)


def read(path: Path) -> Recording:
    """Reads a recording and checks that it is whole and unchanged. Raises BadRecording."""
    try:
        return _read(path.read_bytes())
    except BadRecording as bad:
        raise BadRecording(f"{path}: {bad}") from None


def _read(data: bytes) -> Recording:
    lines = lines_of(data)
    tenant, n, body = header_of(lines[0], FORMAT), len(lines), lines[1:-1]
    trailer = trailer_of(n, lines[-1])
    messages = tuple(messages_of(body))
    if trailer["count"] != len(body):
        raise BadRecording(f"the trailer counts {trailer['count']} messages, the file holds {len(body)}.")
    if hashlib.sha256(b"".join(body)).hexdigest() != trailer["sha256"]:
        raise BadRecording("the file was changed after it was recorded (sha256 differs).")
    states = states_of_trailer(n, trailer)
    return Recording(tenant, messages, trailer.get("digests", {}), bool(trailer.get("open")), states)


class RecordingLog(MemoryLog):
    """A recording used as a log: it holds the messages of the file, and each append writes the file anew."""

    def __init__(self, path: Path, tenant: str) -> None:
        super().__init__(tenant)
        self.path = path
        if path.exists():
            self.messages = list(read(path).messages)

    async def append(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        seq = await super().append(writer, rows, last)
        write(self.path, self.tenant, self.messages, {}, open_=True)
        return seq
