"""Appends the messages that are committed in a writer's outbox to its stream, in order and each once. One task per writer
appends one chunk of messages at a time.
"""

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy.engine import Connection, Engine

from microgov.services.chassis.errors import Again, LogDiffers
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.log import Log, Outgoing, Stored, body_of, number_of
from microgov.services.chassis.store import bookkeeping, outbox


class Appender:
    """The append task of one writer. The writer's messages up to number `published` are in the stream; the last of them has
    the sequence `last`.

    `continues`: the writer is not a fold. If its database is older than the stream (a restored backup), its next number is
    the one after the last number in the stream. A fold instead produces its earlier answers again and compares them.
    `ages`: the stream deletes old messages, so it may hold none of this writer's messages any more. In that case the
    number in the database is used. `on_older_database` is called in the transaction that learns that the stream holds
    numbers which the database has not given; a fold is also refolding then.
    """

    def __init__(
        self, writer: str, continues: bool = False, points: FaultPoints = NO_FAULTS, ages: bool = False
    ) -> None:
        self.writer, self.continues, self.points, self.ages = writer, continues, points, ages
        self.on_older_database: Callable[[Connection], None] = lambda c: None
        self.published = self.last = 0
        self.waiting: dict[int, Outgoing] = {}
        self.changed, self.idle = asyncio.Event(), asyncio.Event()
        self.idle.set()

    async def start(self, log: Log, engine: Engine, epoch: int) -> int:
        """Asks the stream for the writer's last message and appends the outbox rows after it; returns the number of the
        last message that is then in the stream.

        Raises LogDiffers if the stream and the outbox contradict each other.
        """
        self.waiting.clear()
        mine = await log.last(self.writer)
        n, id = (number_of(mine), _id_in(mine)) if mine is not None else (0, "")
        if mine is not None and n == 0:
            raise LogDiffers(
                f"The last message of {self.writer}, at {mine.seq}, cannot be read: its bytes are damaged. "
                "Stop all services and restore a backup (`microgov restore`)."
            )
        self.last = mine.seq if mine is not None else 0
        n, rest = await asyncio.to_thread(self._catch_up, engine, epoch, n, id)
        self.published = n
        while rest:
            self.last = await log.append(self.writer, rest, self.last)
            self.published = rest[-1].n
            rest = await asyncio.to_thread(self._rest, engine)
        return max(n, self.published)

    def _catch_up(self, engine: Engine, epoch: int, n: int, id: str) -> tuple[int, list[Outgoing]]:
        with engine.begin() as c:
            known = bookkeeping.writer(c, self.writer)
            if n == 0 and self.ages:
                n = known.published
            if n >= known.next:
                self.on_older_database(c)
            bookkeeping.set_writer(
                c, self.writer, max(known.next, n + 1) if self.continues else known.next, n, epoch
            )
            if n < known.published:
                raise LogDiffers(
                    f"The log ends at message {n} of {self.writer}; the database knows that {known.published} was in it. "
                    "The log has lost its end: stop all services and restore a backup that holds it (`microgov restore`)."
                )
            mine = outbox.id_at(c, self.writer, n) if id else None
            if mine is not None and mine != id:
                raise LogDiffers(
                    f"Message {n} of {self.writer} is {id} in the log and {mine} in the database: "
                    "this database does not belong to this log."
                )
            return n, outbox.after(c, self.writer, n)

    def _rest(self, engine: Engine) -> list[Outgoing]:
        with engine.begin() as c:
            return outbox.after(c, self.writer, self.published)

    def put(self, rows: Sequence[Outgoing]) -> None:
        """Hands over committed rows to be appended. Several producers may call it, in any order of numbers; each number is
        given once.
        """
        for row in rows:
            if row.n > self.published:
                self.waiting[row.n] = row
        if self.waiting:
            self.idle.clear()
            self.changed.set()

    def outgoing(self) -> int:
        """How many messages are not in the stream yet; at least 1 while a chunk is being sent."""
        return 0 if self.idle.is_set() else max(1, len(self.waiting))

    def _ready(self) -> list[Outgoing]:
        rows: list[Outgoing] = []
        n = self.published + 1
        while n in self.waiting:
            rows.append(self.waiting.pop(n))
            n += 1
        return rows

    async def run(self, log: Log, on_appended: Callable[[int], None] = lambda _: None) -> None:
        """Appends until it is cancelled. Raises Again or Fenced if it cannot; then the loop restarts."""
        while True:
            rows = self._ready()
            if not rows:
                self.idle.set()
                await self._more()
                continue
            self.points.hit("before_publish")
            self.last = await log.append(self.writer, rows, self.last)
            self.published = rows[-1].n
            self.points.hit("after_publish")
            on_appended(self.last)

    async def _more(self) -> None:
        self.changed.clear()
        stuck = bool(self.waiting)
        try:
            async with asyncio.timeout(5.0 if stuck else None):
                await self.changed.wait()
        except TimeoutError as error:
            raise Again(f"{self.writer}: number {self.published + 1} never came") from error


def _id_in(stored: Stored) -> str:
    """The message's own id; empty for a receipt of a rejection, which has none."""
    return str(body_of(stored).get("id", ""))
