"""The interface of a log: it reads the messages after a sequence and appends the messages of a writer.

One test class covers its three implementations: on JetStream (jetstream/log.py), as a list in memory (in this file), and as
a recording (chassis/recording/recording.py).
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import orjson

from microgov.contracts.ids import MESSAGE_NAMESPACE, message_id
from microgov.contracts.message import type_in
from microgov.services.chassis.errors import Fenced

FIRST_GENERATION = 1
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Stored(NamedTuple):
    """A message in the log: its sequence there, its subject, its bytes."""

    seq: int
    subject: str
    data: bytes


def body_of(stored: Stored) -> dict[str, Any]:
    """The message as JSON values; empty if its bytes are not a JSON object."""
    try:
        found = orjson.loads(stored.data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def data_of(stored: Stored) -> dict[str, Any]:
    """What the message says, as JSON values; empty if that is not a JSON object."""
    found = body_of(stored).get("data")
    return found if isinstance(found, dict) else {}


def id_of(stored: Stored) -> str:
    """The message's id; if it has no valid one, an id derived from its subject and sequence."""
    found = body_of(stored).get("id")
    return (
        found
        if isinstance(found, str) and UUID.fullmatch(found)
        else message_id(MESSAGE_NAMESPACE, f"{stored.subject}/{stored.seq}")
    )


def number_of(stored: Stored) -> int:
    """The message's number among its writer's messages; 0 if it has none."""
    found = body_of(stored).get("sequence")
    return int(found) if isinstance(found, str) and found.isascii() and found.isdigit() else 0


def recorded_in(stored: Stored) -> datetime:
    """The message's recordedtime (UTC); the year 1 if it has none."""
    try:
        return datetime.fromisoformat(body_of(stored)["recordedtime"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


class Outgoing(NamedTuple):
    """A message that a writer is to append: `n` is its number among that writer's messages, from 1 without gaps."""

    n: int
    id: str
    subject: str
    data: bytes


class Reader(Protocol):
    """Reads the messages after a sequence, in order, each once; a possible gap raises Hole.

    `pending`: how many messages were known to wait when the last one was read. `taken`: the sequence of the message that
    was returned last.
    """

    @property
    def pending(self) -> int: ...

    taken: int

    async def behind(self) -> int:
        """Asks the log itself how many messages wait to be read."""

    async def batch(self, most: int, wait: float) -> list[Stored]:
        """Returns up to `most` messages, at once if there are any; [] if none comes within `wait` seconds."""

    async def close(self) -> None:
        """Releases what the broker holds for this reader."""


class Log(Protocol):
    """One tenant's log."""

    tenant: str

    async def read(self, after: int, types: Sequence[str] | None) -> Reader:
        """A reader of everything after sequence `after`, of these types only (None: all)."""

    async def append(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        """Appends the rows if `last` is the sequence of the writer's last message (0: it has none).

        Returns the sequence of the last row. Raises Fenced if the writer's last message is another one. Many rows may be
        appended in chunks; each chunk is stored whole or not at all.
        """

    async def last(self, writer: str) -> Stored | None:
        """The writer's last message; None if there is none."""

    async def first(self, kind: str) -> Stored | None:
        """The first message of a type; None if there is none."""

    async def get(self, seq: int) -> Stored | None:
        """The message at a sequence; None if there is none, or none any more."""

    async def end(self) -> int:
        """The last sequence of the log; 0 if it is empty."""

    async def holds(self) -> int:
        """How many messages the log holds, by its own count."""

    async def generation(self) -> int:
        """1, and one more after each restore from a backup: then messages behind the restored end have other sequences."""

    async def close(self) -> None:
        """Closes the connection."""


@dataclass
class MemoryLog:
    """A log as a list in memory, for tests and replay; it behaves like the log on JetStream without a broker."""

    tenant: str
    messages: list[Stored] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, after: int, types: Sequence[str] | None) -> "MemoryReader":
        return MemoryReader(self, after, frozenset(types) if types is not None else None)

    async def append(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        mine = await self.last(writer)
        if (mine.seq if mine else 0) != last:
            raise Fenced(f"the last message of {writer} stands at {mine.seq if mine else 0}, not at {last}")
        for row in rows:
            self.messages.append(Stored(len(self.messages) + 1, row.subject, row.data))
        grown, self.grown = self.grown, asyncio.Event()
        grown.set()
        return len(self.messages)

    async def last(self, writer: str) -> Stored | None:
        prefix = f"log.{self.tenant}.{writer}."
        return next((m for m in reversed(self.messages) if m.subject.startswith(prefix)), None)

    async def first(self, kind: str) -> Stored | None:
        return next((m for m in self.messages if type_in(m.subject) == kind), None)

    async def get(self, seq: int) -> Stored | None:
        return self.messages[seq - 1] if 1 <= seq <= len(self.messages) else None

    async def end(self) -> int:
        return len(self.messages)

    async def holds(self) -> int:
        return len(self.messages)

    async def generation(self) -> int:
        return FIRST_GENERATION

    async def close(self) -> None:
        return None


@dataclass
class MemoryReader:
    """Reads a MemoryLog."""

    log: MemoryLog
    position: int
    types: frozenset[str] | None
    taken: int = 0

    def _take(self, most: int) -> list[Stored]:
        taken: list[Stored] = []
        for m in self.log.messages[self.position :]:
            if len(taken) == most:
                break
            self.position = m.seq
            if self.types is None or m.subject.split(".", 3)[3] in self.types:
                taken.append(m)
                self.taken = m.seq
        return taken

    async def behind(self) -> int:
        return self.pending

    @property
    def pending(self) -> int:
        wanted = self.types
        rest = self.log.messages[self.position :]
        return sum(1 for m in rest if wanted is None or m.subject.split(".", 3)[3] in wanted)

    async def batch(self, most: int, wait: float) -> list[Stored]:
        grown = self.log.grown
        taken = self._take(most)
        if not taken and wait > 0:
            try:
                async with asyncio.timeout(wait):
                    await grown.wait()
            except TimeoutError:
                return []
            return self._take(most)
        return taken

    async def close(self) -> None:
        return None
