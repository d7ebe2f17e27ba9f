"""Recordings: a tenant's log in a file. A replay compares its answers with the recorded ones.

NDJSON: a header {"microgov": 1, "tenant": …}; a line {"seq": …, "subject": …, "event": {…}} per message, canonical; a
trailer {"count": …, "sha256": …, "states": {service: [[seq, {table: sum}], …]}, "open": …}. The sha256 is that of all
message lines. `states` holds the state of each service after its messages (checkpoints.py); `open` means that the
recording ends before every fold had answered the last message. In place of `states`, older recordings have one digest for
each service.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from microgov.contracts.message import canonical, parse
from microgov.services.chassis.log import MemoryLog, Outgoing, Stored, id_of, number_of

FORMAT = 1
DOOR = "gateway"
"""The writer name of the door, which writes what publishers send."""


class BadRecording(Exception):
    """The file is not a whole, unchanged, valid recording; the text names the line and what is wrong."""


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


def write(
    path: Path, tenant: str, messages: Iterable[Stored], states: Mapping[str, States], open_: bool = False
) -> int:
    """Writes a recording; returns how many messages it holds."""
    total, count = hashlib.sha256(), 0
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as out:
        out.write(canonical({"microgov": FORMAT, "tenant": tenant}) + b"\n")
        for stored in messages:
            line = line_of(stored) + b"\n"
            total.update(line)
            out.write(line)
            count += 1
        trailer = {"count": count, "sha256": total.hexdigest(), "states": dict(states), "open": open_}
        out.write(canonical(trailer) + b"\n")
    beside.replace(path)
    return count


def read(path: Path) -> Recording:
    """Reads a recording and checks that it is whole and unchanged. Raises BadRecording."""
    lines = path.read_bytes().splitlines(keepends=True)
    if len(lines) < 2:
        raise BadRecording(f"{path}: no recording: header or trailer is missing. Record it again.")
    header, trailer = _json(path, 1, lines[0]), _json(path, len(lines), lines[-1])
    if header.get("microgov") != FORMAT:
        raise BadRecording(f"{path}, line 1: not a recording of format {FORMAT}.")
    body = lines[1:-1]
    if trailer.get("count") != len(body):
        raise BadRecording(
            f"{path}: the trailer counts {trailer.get('count')} messages, the file holds {len(body)}."
        )
    if hashlib.sha256(b"".join(body)).hexdigest() != trailer.get("sha256"):
        raise BadRecording(f"{path}: the file was changed after it was recorded (sha256 differs).")
    messages = tuple(_stored(path, n, line) for n, line in enumerate(body, 2))
    states = {
        name: [(int(seq), tables) for seq, tables in some] for name, some in trailer.get("states", {}).items()
    }
    return Recording(
        header["tenant"], messages, trailer.get("digests", {}), bool(trailer.get("open")), states
    )


def _json(path: Path, n: int, line: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise BadRecording(f"{path}, line {n}: no JSON: {error}.") from error
    return found


def _stored(path: Path, n: int, line: bytes) -> Stored:
    """Cuts the event's bytes out of the line unchanged, because they are compared byte by byte."""
    start, end = len(b'{"event":'), line.rindex(b',"seq":') if b',"seq":' in line else 0
    if not line.startswith(b'{"event":') or not end:
        raise BadRecording(f"{path}, line {n}: no message of a recording.")
    tail = _json(path, n, b"{" + line[end + 1 :])
    return Stored(tail["seq"], tail["subject"], line[start:end])


def verify(recording: Recording, progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Yields what is wrong inside the recording: order, numbers, schema, bytes that are not canonical."""
    last, numbers = 0, dict[str, int]()
    for done, stored in enumerate(recording.messages, 1):
        writer = stored.subject.split(".", 3)[2]
        n = number_of(stored)
        if stored.seq <= last:
            yield f"seq {stored.seq} stands after {last}"
        if n != numbers.get(writer, 0) + 1:
            yield f"seq {stored.seq}: {writer} jumps from number {numbers.get(writer, 0)} to {n}"
        last, numbers[writer] = stored.seq, n
        yield from _invalid(stored)
        progress(done)


def foreign_parts(recording: Recording, folds: Collection[str]) -> Iterator[str]:
    """Yields what does not belong to this project's services: no fold would read it, or nothing would be compared with it.

    `folds` are the names of the existing services; the other known writers are their edges and the door.
    """
    known = {DOOR, *folds, *(f"{fold}-edge" for fold in folds)}
    first: dict[str, int] = {}
    for stored in recording.messages:
        first.setdefault(stored.subject, stored.seq)
    for subject, seq in first.items():
        _, tenant, writer = (*subject.split(".", 3), "", "")[:3]
        if tenant != recording.tenant:
            yield f"seq {seq}: {subject} is of another tenant than the recording ({recording.tenant})"
        elif writer not in known:
            yield f"seq {seq}: {writer} is no writer of this house, which has the services {', '.join(sorted(folds))}"
    for service in sorted({*recording.digests, *recording.states} - {*folds}):
        yield f"the trailer holds the state of {service}, which is no service of this house"
    if not any(recording.by(fold) for fold in folds):
        yield "no service has said anything: there is nothing to compare"


def _invalid(stored: Stored) -> Iterator[str]:
    try:
        m = parse(stored.subject, stored.data)
    except KeyError:
        yield f"seq {stored.seq}: {stored.subject} is of no type that this version knows"
        return
    except ValidationError as error:
        yield f"seq {stored.seq}: {stored.subject} is not valid: {str(error)[:300]}"
        return
    body = orjson.loads(stored.data)
    if canonical(body) != stored.data:
        yield f"seq {stored.seq}: the bytes are not canonical"
    if m.type != body["type"] or not stored.subject.endswith(f".{m.type}"):
        yield f"seq {stored.seq}: type {m.type} under subject {stored.subject}"


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
