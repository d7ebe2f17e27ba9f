"""Opens the IN streams of a tenant's publishers for the door, moves the positions in them, and purges handled messages."""

import asyncio
import math
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.errors import Denied
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.bookkeeping import Bookkeeping, StreamPosition
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.telemetry import logger
from microgov.services.gateway.model import Grant
from microgov.services.gateway.outbound.outbound import OutboundWriter, receipt_writer, writers_of

PURGE_EVERY, DENIED_FOR = 1.0, 10.0
"""PURGE_EVERY: seconds between two purges of a stream. DENIED_FOR: seconds until the door tries again to read a stream for
which the broker denied permission.
"""
NO_STREAM = 10059
"""JetStream's error code for a stream that does not exist."""
log = logger("door")


class InStreams:
    """The open IN streams. The dictionaries have the publisher as key.

    `positions`: the sequence handled last. `read_before`: after a restore from a copy, messages up to this sequence may have
    been handled before; otherwise 0. `created`: when the broker created the stream (a stream that was created again begins
    at sequence 1). `missing`: publishers with a grant whose stream no longer exists. `more` is set when messages arrive.
    `_purged`: up to which sequence, and when. `_not_before`: the earliest time of the next attempt after a denial. Times are
    those of the event loop, in seconds.
    """

    def __init__(self, tenancy: Tenancy, outbound: OutboundWriter, books: Bookkeeping) -> None:
        self.tenant, self.engine, self.lease = tenancy.tenant.name, tenancy.engine, tenancy.lease
        self.outbound, self.books = outbound, books
        self.readers: dict[str, JetStreamReader] = {}
        self.positions: dict[str, int] = {}
        self.read_before: dict[str, int] = {}
        self.created: dict[str, str] = {}
        self.missing: set[str] = set()
        self.more = asyncio.Event()
        self._purged: dict[str, tuple[int, float]] = {}
        self._not_before: dict[tuple[str, bool], float] = {}

    def notes(self) -> list[str]:
        """Notes for the operator about missing streams."""
        return [
            f"the stream of publisher {publisher} is gone from the broker, and nothing it sends is taken. Run `microgov "
            f"publishers mend {publisher}`"
            for publisher in sorted(self.missing)
        ]

    def close_all(self) -> None:
        """Forgets all readers: their connection is closed."""
        self.readers, self.positions = {}, {}

    async def open_new(self, bus: Bus) -> None:
        """Opens the streams that are not open yet, of all publishers that ever had a grant."""
        now = asyncio.get_running_loop().time()
        granted = await asyncio.to_thread(self._granted)
        self.missing &= {publisher for publisher, in_force in granted if in_force} - self.readers.keys()
        for publisher, in_force in granted:
            if publisher not in self.readers and self._not_before.get((publisher, in_force), 0.0) < now:
                await self._open(bus, publisher, in_force)

    def _granted(self) -> list[tuple[str, bool]]:
        """All publishers that ever had a grant, each with whether the grant is in force. After a withdrawal the publisher's
        messages are still answered, with rejections.
        """
        with reading(self.engine) as c:
            return [
                (row.id, row.in_force)
                for row in c.execute(sa.select(Grant.id, Grant.in_force).order_by(Grant.id))
            ]

    def _stream(self, publisher: str) -> str:
        return f"IN-{self.tenant}_{publisher}"

    async def _open(self, bus: Bus, publisher: str, in_force: bool) -> None:
        """Opens a reader after the stored position, or at the beginning of a stream that was created again."""
        stream = self._stream(publisher)
        known = await asyncio.to_thread(self._position, stream)
        info = await self._info(bus, publisher, in_force, known)
        if info is None:
            return
        at, state, created = known.seq, info["state"], str(info["created"])
        self.created[publisher] = created
        if state["last_seq"] < at or known.event_id not in ("", created):
            log.warning(
                "this publisher's stream was made anew, and is read from its beginning: what was let in before is "
                "known by its id",
                publisher=publisher,
                stream=stream,
                ends=state["last_seq"],
                read=at,
            )
            at = await asyncio.to_thread(self._begin_anew, stream, created)
        if state["first_seq"] > at + 1 and state["last_seq"] > at:
            log.error("messages were dropped unread", stream=stream, first=state["first_seq"], read=at)
        await self.outbound.open_writers(writers_of(publisher, self.tenant))
        restored = receipt_writer(publisher, self.tenant) in self.outbound.restored
        self.read_before[publisher] = int(state["last_seq"]) if restored else 0
        reader = await JetStreamReader.open(bus, stream, at, None)
        reader.more = self.more
        self.readers[publisher], self.positions[publisher] = reader, at

    async def _info(
        self, bus: Bus, publisher: str, in_force: bool, known: StreamPosition
    ) -> dict[str, Any] | None:
        """JetStream's information about the publisher's stream; None if the stream is missing or may not be read, which is
        logged.
        """
        try:
            return await bus.api(f"STREAM.INFO.{self._stream(publisher)}")
        except ApiError as error:
            if error.code != NO_STREAM:
                raise
            if in_force and known.seq and publisher not in self.missing:
                self.missing.add(publisher)
                log.error(
                    "the stream of this publisher is gone from the broker; the others go on",
                    publisher=publisher,
                )
        except Denied as error:
            if in_force:
                log.warning(
                    "this publisher's stream may not be read; the others go on",
                    publisher=publisher,
                    why=str(error),
                )
            again = (
                DENIED_FOR if in_force else math.inf
            )  # after a withdrawal: only one attempt, until there is a new grant
            self._not_before[publisher, in_force] = asyncio.get_running_loop().time() + again
        return None

    def _position(self, stream: str) -> StreamPosition:
        with self.engine.begin() as c:
            bookkeeping.prepare(c, (stream,), ())
            return bookkeeping.position(c, stream)

    def _begin_anew(self, stream: str, created: str) -> int:
        """Stores the position 0 for a stream that was created again, and returns it. Raises Fenced."""
        with self.engine.begin() as c:
            old = bookkeeping.position(c, stream).seq
            self.books.fence(c, stream, old, StreamPosition(0, created, 0), self.lease.epoch)
        return 0

    def move(self, c: Connection, publisher: str, seq: int) -> None:
        """Moves the stored position to this sequence, in the caller's transaction; once that is committed, the caller sets
        `positions`. Raises Fenced.
        """
        new = StreamPosition(seq, self.created[publisher], 0)
        self.books.fence(c, self._stream(publisher), self.positions[publisher], new, self.lease.epoch)

    async def purge(self, bus: Bus, publisher: str) -> None:
        """Deletes the handled messages from the stream, at most once a second."""
        at, when = self._purged.get(publisher, (0, 0.0))
        now = asyncio.get_running_loop().time()
        if self.positions[publisher] > at and now - when > PURGE_EVERY:
            await bus.api(f"STREAM.PURGE.{self._stream(publisher)}", {"seq": self.positions[publisher] + 1})
            self._purged[publisher] = (self.positions[publisher], now)
