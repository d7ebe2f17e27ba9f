"""Writes a recording while its messages come: what was added is in the file, whatever happens to the process then.

Until `finish` writes the trailer, the file is an unfinished recording: it is named as such by whoever reads it, and `copied`
goes on behind its last whole message.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from microgov.contracts.message import canonical
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.damage import TRAILERS, header_of, stored_of
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.recording.messages import FileMessages
from microgov.services.chassis.recording.zstd import SUFFIX, CutOff, PackedFile, PlainFile

FORMAT = 1
PART = 1000
"""How many messages are written at once where they do not come one by one."""


class Recorder:
    """A recording that is being written. `last`: the message that was added last."""

    def __init__(self, path: Path, tenant: str, out: BinaryIO) -> None:
        self.path, self.tenant = path, tenant
        self.count = 0
        self.last: Stored | None = None
        self._out, self._total = out, hashlib.sha256()
        self._file = PackedFile(out) if path.suffix == SUFFIX else PlainFile(out)
        self._file.write(canonical({"microgov": FORMAT, "tenant": tenant}) + b"\n")

    @classmethod
    def begun(cls, path: Path, tenant: str) -> "Recorder":
        """A new recording. Raises FileExistsError if there is a file."""
        return cls(path, tenant, path.open("xb", buffering=0))

    @classmethod
    def copied(cls, path: Path) -> "Recorder":
        """Goes on with a recording, whole or not: it is copied without its trailer and without a line that is cut off.
        `take_place` puts the copy in its place.
        """
        lines = _whole_lines(path)
        made = cls(path, header_of(next(lines, b""), FORMAT), beside(path).open("wb", buffering=0))
        try:
            made.add_all(stored_of(n, line) for n, line in enumerate(lines, 2))
        except BaseException:
            made.discard()
            raise
        return made

    def take_place(self) -> None:
        """Puts the copy in the place of the recording."""
        beside(self.path).replace(self.path)

    def discard(self) -> None:
        """Removes the copy; the recording stays as it is."""
        self.close()
        beside(self.path).unlink()

    def add(self, messages: Sequence[Stored]) -> None:
        """Writes the next messages: they are in the file when this returns."""
        text = b"".join(line_of(one) + b"\n" for one in messages)
        self._total.update(text)
        self._file.write(text)
        self.count += len(messages)
        self.last = messages[-1] if messages else self.last

    def add_all(self, messages: Iterable[Stored]) -> None:
        """Writes many messages, a part at a time."""
        rest = iter(messages)
        while part := list(islice(rest, PART)):
            self.add(part)

    @property
    def messages(self) -> FileMessages:
        """What has been recorded so far."""
        return FileMessages(self.path, self.count, self.last)

    def finish(self, states: Mapping[str, Any], open_: bool) -> None:
        """Writes the trailer, and closes the file when it is on the disk."""
        total = self._total.hexdigest()
        trailer = {"count": self.count, "sha256": total, "states": dict(states), "open": open_}
        self._file.write(canonical(trailer) + b"\n")
        self._file.end()
        os.fsync(self._out.fileno())
        self.close()

    def close(self) -> None:
        """Closes the file as it is."""
        self._out.close()


def line_of(stored: Stored) -> bytes:
    """A message as a line of a recording."""
    return b'{"event":%b,"seq":%d,"subject":"%b"}' % (stored.data, stored.seq, stored.subject.encode())


def _whole_lines(path: Path) -> Iterator[bytes]:
    """The header and the messages of the file, without a line that is cut off and without the trailer."""
    with suppress(CutOff):
        yield from (line for line in lines_of(path) if line.endswith(b"\n") and not line.startswith(TRAILERS))


def beside(path: Path) -> Path:
    """The file that takes the place of `path` once it is whole."""
    return path.with_name(f".{path.name}.new")
