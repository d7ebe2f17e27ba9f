"""A stream in a backup: files that are added and never changed, each with the messages of a range of sequences.

A line of a part is the line of a recording with one field more, `stored`: when the broker stored the message, in
nanoseconds since 1970. What publishers sent and nobody has checked yet may be anything: it stands in `base64` in place of
`event`. A part is packed by zstd; its name says which sequences it holds: `FIRST-LAST.ndjson.zst`.
"""

import base64
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from microgov.safekeeping.folder import UNFINISHED
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.damage import EVENT, SEQ
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.recording.zstd import PackedFile
from microgov.services.chassis.runtime.file_access import sync_folder

MOST = 100_000
"""How many messages a part holds at most."""
READ_TOGETHER = 1000
_NAME = re.compile(r"(\d{19})-(\d{19})\.ndjson\.zst")


class Timed(NamedTuple):
    """A message of a stream, and when the broker stored it (nanoseconds since 1970)."""

    message: Stored
    stored: int


class Part(NamedTuple):
    """A file with the messages of a stream from `first` to `last`; sequences that the stream lacks are missing."""

    first: int
    last: int
    path: Path

    def messages(self) -> Iterator[Timed]:
        """The messages in the part, in order."""
        return map(_timed_of, lines_of(self.path))


class TimedReader(JetStreamReader):
    """Reads a stream, and notes when the broker stored the messages that were not taken yet."""

    def __init__(self, bus: Bus, stream: str) -> None:
        super().__init__(bus, stream)
        self._times: list[int] = []

    def _delivered(self, subject: bytes, reply: bytes, data: bytes) -> None:
        self._times.append(int(reply.split(b".")[-2]))
        super()._delivered(subject, reply, data)

    async def timed_batch(self, most: int, wait: float) -> list[Timed]:
        """The next messages, `most` at the most; none if none came within `wait` seconds."""
        batch = await self.batch(most, wait)
        times, self._times = self._times[: len(batch)], self._times[len(batch) :]
        return [Timed(*one) for one in zip(batch, times, strict=True)]


def parts_in(folder: Path) -> list[Part]:
    """The parts in a folder, in order."""
    found = ((_NAME.fullmatch(path.name), path) for path in folder.glob("*.ndjson.zst"))
    return sorted(Part(int(name[1]), int(name[2]), path) for name, path in found if name is not None)


async def add_parts(
    bus: Bus,
    stream: str,
    folder: Path,
    first: int,
    end: int,
    progress: Callable[[int], None] = lambda count: None,
    as_sent: bool = False,
) -> list[Part]:
    """Adds what the stream holds from `first` to `end` and no part has yet; returns the new parts. An addition that was
    interrupted leaves whole parts only, and the next one goes on; so does it where a part was taken away. `as_sent`: the
    messages were not checked yet.

    Raises Problem if the parts are those of another stream.
    """
    known = parts_in(folder)
    if known:
        await _must_go_on(JetStreamLog(bus, "", stream), known[-1])
    made: list[Part] = []
    for after, last in _gaps(known, first, end):
        reader = await TimedReader.open(bus, stream, after, None)
        try:
            while after < last:
                with _PartWriter(folder, after + 1, as_sent) as part:
                    after = await _fill(part, reader, after, last, progress)
                    if part.count:
                        made.append(part.finished(after))
        finally:
            await reader.close()
    return made


def _gaps(known: Sequence[Part], first: int, end: int) -> Iterator[tuple[int, int]]:
    """What no part holds: the sequence before its first one, and its last one."""
    after = min(first, known[0].first if known else first) - 1
    for part in known:
        if after + 1 < part.first:
            yield after, part.first - 1
        after = part.last
    if after < end:
        yield after, end


async def _fill(
    part: "_PartWriter", reader: TimedReader, after: int, end: int, progress: Callable[[int], None]
) -> int:
    """Writes one part; returns up to which sequence it holds the stream."""
    while after < end and part.count < MOST:
        came = await reader.timed_batch(min(READ_TOGETHER, MOST - part.count), 1.0)
        batch = [one for one in came if one.message.seq <= end]
        part.add(batch)
        progress(len(batch))
        if len(batch) < len(came) or (not came and await reader.behind() == 0):
            return end  # what stood between is gone
        after = batch[-1].message.seq if batch else after
    return after


async def _must_go_on(log: JetStreamLog, part: Part) -> None:
    """Raises Problem unless the stream still holds, or once held, the last message of this part."""
    last = deque(part.messages(), maxlen=1)[-1].message
    if await log.end() < part.last or await log.get(last.seq) not in (last, None):
        raise Problem(
            f"{log.stream} 不是 {part.path.parent} 中备份的那个流：第 {last.seq} 条不同。请另选备份文件夹，或先"
            "用 `microgov restore` 恢复。",
            f"{log.stream} is not the stream whose backup is in {part.path.parent}: message {last.seq} differs. Choose "
            "another folder for backups, or restore this one by `microgov restore` first.",
        )


class _PartWriter:
    """Writes a part under a hidden name; `finished` gives it its own."""

    def __init__(self, folder: Path, first: int, as_sent: bool) -> None:
        self.folder, self.count, self.first = folder, 0, first
        self._waiting: list[Timed] = []
        self.line_of = _line_as_sent if as_sent else _line_of
        self.path = folder / UNFINISHED

    def __enter__(self) -> "_PartWriter":
        self._out: BinaryIO = self.path.open("wb", buffering=0)
        self._packed = PackedFile(self._out)
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self.path.unlink(missing_ok=True)

    def add(self, messages: Sequence[Timed]) -> None:
        """Adds the next messages. They are packed by the thousand, so that a part that is made again is the same."""
        self._waiting += messages
        self.count += len(messages)
        while len(self._waiting) >= READ_TOGETHER:
            self._pack()

    def _pack(self) -> None:
        some, self._waiting = self._waiting[:READ_TOGETHER], self._waiting[READ_TOGETHER:]
        self._packed.write(b"".join(map(self.line_of, some)))

    def finished(self, last: int) -> Part:
        """Puts the part in its place, on the disk: it holds what the stream has up to this sequence."""
        self._pack()
        self._packed.end()
        os.fsync(self._out.fileno())
        to = self.folder / f"{self.first:019d}-{last:019d}.ndjson.zst"
        self.path.rename(to)
        sync_folder(self.folder)
        return Part(self.first, last, to)


def _line_of(one: Timed) -> bytes:
    seq, subject, data = one.message
    return b'{"event":%b,"seq":%d,"stored":%d,"subject":"%b"}\n' % (data, seq, one.stored, subject.encode())


def _line_as_sent(one: Timed) -> bytes:
    seq, subject, data = one.message
    line = {"base64": base64.b64encode(data).decode(), "seq": seq, "stored": one.stored, "subject": subject}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _timed_of(line: bytes) -> Timed:
    if line.startswith(EVENT):
        end = line.rindex(SEQ)
        tail = orjson.loads(b"{" + line[end + 1 :])
        data = line[len(EVENT) : end]
    else:
        tail = orjson.loads(line)
        data = base64.b64decode(tail["base64"])
    return Timed(Stored(tail["seq"], tail["subject"], data), tail["stored"])
