"""Recordings: a tenant's log in a file. A replay compares its answers with the recorded ones.

NDJSON: a header {"microgov": 1, "tenant": …}; a line {"seq": …, "subject": …, "event": {…}} per message, canonical; a
trailer {"count": …, "sha256": …, "states": {service: [[seq, {table: sum}], …]}, "open": …}. The sha256 is that of all
message lines. `states` holds the state of each service after its messages (checkpoints.py); `open` means that the
recording ends before every fold had answered the last message. In place of `states`, older recordings have one digest for
each service. A file whose name ends with `.zst` is packed by zstd.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from microgov.contracts.log import MessageQuarantined
from microgov.contracts.message import type_in
from microgov.services.chassis.log import Stored, body_of
from microgov.services.chassis.recording import recorder
from microgov.services.chassis.recording.damage import (
    BadRecording,
    Unfinished,
    check_line,
    header_of,
    states_of_trailer,
    stored_of,
    trailer_of,
    unfinished,
)
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.recording.message_index import index_of
from microgov.services.chassis.recording.messages import FileMessages, Messages
from microgov.services.chassis.recording.recorder import FORMAT, Recorder, beside
from microgov.services.chassis.recording.zstd import CutOff

QUARANTINED = f".{MessageQuarantined.TYPE}"


States = Sequence[tuple[int, Mapping[str, str]]]
"""The states of one service: a sequence of the log, and the sums of the tables that have changed since the state before."""


class OnSubject(NamedTuple):
    """The messages on one subject: the sequence of the first one, and how many there are."""

    first: int
    many: int


@dataclass(frozen=True)
class Contents:
    """What one pass over the messages finds. `quarantines`: by writer, the id of each quarantined message → code."""

    subjects: Mapping[str, OnSubject]
    quarantines: Mapping[str, Mapping[str, str]]

    def count(self, types: Iterable[str]) -> int:
        """How many messages are of these types."""
        wanted = frozenset(types)
        return sum(found.many for subject, found in self.subjects.items() if type_in(subject) in wanted)


@dataclass(frozen=True)
class Recording:
    """A recording. Its messages are a tuple, or are read from a file by each pass (messages.py).

    `digests`: of an older recording, the digest of each service at the end, else empty.
    """

    tenant: str
    messages: Sequence[Stored]
    digests: Mapping[str, str]
    open: bool = False
    states: Mapping[str, States] = field(default_factory=dict)

    def by(self, writer: str) -> Sequence[Stored]:
        """One writer's messages, in order."""
        prefix = f"log.{self.tenant}.{writer}."
        return Messages(lambda: (m for m in self.messages if m.subject.startswith(prefix)))

    def at(self, seq: int) -> Stored:
        """The message at this sequence, or else the last one before it. Takes a pass. Raises IndexError without one."""
        return deque(takewhile(lambda m: m.seq <= seq, self.messages), maxlen=1)[0]

    @cached_property
    def by_id(self) -> Mapping[str, Stored]:
        """Each message by its id; of several with one id the first. The first use takes a pass."""
        return index_of(self.messages)

    @cached_property
    def contents(self) -> Contents:
        """Subjects and quarantines. The first use takes a pass."""
        subjects: dict[str, OnSubject] = {}
        quarantines: dict[str, dict[str, str]] = {}
        for m in self.messages:
            first, count = subjects.get(m.subject, (m.seq, 0))
            subjects[m.subject] = OnSubject(first, count + 1)
            if m.subject.endswith(QUARANTINED) and m.subject.startswith(f"log.{self.tenant}."):
                body, writer = body_of(m), m.subject.split(".", 3)[2]
                quarantines.setdefault(writer, {})[body["causationid"]] = body["data"]["code"]
        return Contents(subjects, quarantines)


class RecordingWriter:
    """Writes a recording message by message, for a log that does not fit into memory. The file is in its place once `finish`
    was called; till then it is a hidden file beside it, which `close` removes.
    """

    def __init__(self, path: Path, tenant: str) -> None:
        self._recorder = Recorder(path, tenant, beside(path).open("wb", buffering=0))
        self._waiting: list[Stored] = []
        self._finished = False

    def add(self, stored: Stored) -> None:
        """Adds the next message."""
        self._waiting.append(stored)
        if len(self._waiting) == recorder.PART:
            self._write()

    def _write(self) -> None:
        self._recorder.add(self._waiting)
        self._waiting = []

    def finish(self, states: Mapping[str, States], open_: bool = False) -> int:
        """Writes the trailer; returns how many messages the recording holds."""
        self._write()
        self._recorder.finish(states, open_)
        beside(self._recorder.path).replace(self._recorder.path)
        self._finished = True
        return self._recorder.count

    def close(self) -> None:
        """Closes the file; without `finish` nothing is left of it."""
        self._recorder.close()
        if not self._finished:
            beside(self._recorder.path).unlink(missing_ok=True)


def write(
    path: Path, tenant: str, messages: Iterable[Stored], states: Mapping[str, States], open_: bool = False
) -> int:
    """Writes a recording in place of a file that may be there; returns how many messages it holds."""
    with closing(RecordingWriter(path, tenant)) as made:
        for stored in messages:
            made.add(stored)
        return made.finish(states, open_)


def resumed(path: Path) -> Recorder:
    """Goes on with a copy of a recording, whole or unfinished, behind its last whole message (see Recorder.copied). Raises
    BadRecording if it is damaged otherwise.
    """
    with suppress(Unfinished):
        read(path)
    return Recorder.copied(path)


def read(path: Path, progress: Callable[[int], None] = lambda _: None) -> Recording:
    """Checks that the file is a whole, unchanged recording; its messages are read from it again by each pass. `progress` is
    called with the number of bytes read. Raises BadRecording.
    """
    try:
        return _read(path, progress)
    except BadRecording as bad:
        raise type(bad)(f"{path}: {bad}") from None


def _read(path: Path, progress: Callable[[int], None]) -> Recording:
    total, n, tenant, cut = hashlib.sha256(), 0, "", False
    before, last = b"", None
    try:
        for n, line in enumerate(lines_of(path, progress), 1):
            check_line(n, line)
            if n == 2:
                tenant = header_of(before, FORMAT)
            elif n > 2:
                last = stored_of(n - 1, before)
                total.update(before)
            before = line
    except CutOff:
        cut = True
    trailer, count = trailer_of(n, before), n - 2
    if trailer["count"] != count:
        raise BadRecording(f"the trailer counts {trailer['count']} messages, the file holds {count}.")
    if total.hexdigest() != trailer["sha256"]:
        raise BadRecording("the file was changed after it was recorded (sha256 differs).")
    if cut:
        raise unfinished(count, "the zstd data is cut off at its end")
    messages, states = FileMessages(path, count, last), states_of_trailer(n, trailer)
    return Recording(tenant, messages, trailer.get("digests", {}), bool(trailer.get("open")), states)
