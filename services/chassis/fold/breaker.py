"""The circuit breaker: after ten failures in a row a handler is not called any more, until a new release is installed or
an operator lifts the stop.

After ten failures of one kind of message, with no success of that kind between them, its handler is stopped: messages of
this kind are quarantined at once, and all others are handled as before. So a bad message that is sent ten times cannot
stop a whole service.
If the last ten failures were of at least three kinds, with no success between them, the release itself is bad: the fold
stops, before it fills the log with quarantines.
"""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.services.chassis.errors import LogDiffers
from microgov.services.chassis.fold.software_release import release
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.telemetry import logger

IN_A_ROW, KINDS = 10, 3
EVERYTHING = "*"
log = logger("breaker")


class Breaker:
    """The circuit breaker of one reader. `stopped`: kinds of messages whose handler is not called. `failures`: per kind,
    how often its handler has failed since its last success. `last`: kinds of the last failures, ten at most, since any
    handler's last success.
    """

    def __init__(self, engine: Engine, stream: str) -> None:
        self.engine, self.stream = engine, stream
        self.stopped: frozenset[str] = frozenset()
        self.failures: Counter[str] = Counter()
        self.last: list[str] = []

    def load(self, c: Connection) -> None:
        """Loads the stopped kinds and deletes stops that another release has set. Raises LogDiffers if everything is
        stopped.
        """
        table = bookkeeping.STOPPED
        c.execute(table.delete().where(table.c.stream == self.stream, table.c.release != release()))
        kinds = c.execute(sa.select(table.c.kind).where(table.c.stream == self.stream)).scalars()
        self.stopped = frozenset(kinds)
        if EVERYTHING in self.stopped:
            raise LogDiffers(
                f"The last {IN_A_ROW} messages failed, of {KINDS} kinds at least: this release is not fit for this log, and "
                "nothing more is folded. Install another one; or, if something else was mended, `microgov quarantine lift`."
            )

    def failed(self, kind: str) -> None:
        """Counts a failure of this kind, and stops the kind after ten in a row. Raises LogDiffers if the release is bad."""
        self.failures[kind] += 1
        self.last = [*self.last, kind][-IN_A_ROW:]
        if len(self.last) == IN_A_ROW and len({*self.last}) >= KINDS:
            self._stop(EVERYTHING)
        elif self.failures[kind] >= IN_A_ROW:
            self._stop(kind)

    def worked(self, kinds: set[str]) -> None:
        """Notes that handlers of these kinds have succeeded."""
        if kinds:
            self.last = []
        for kind in kinds:
            self.failures.pop(kind, None)

    def _stop(self, kind: str) -> None:
        log.error("too many failures in a row: not tried any more", kind=kind)
        with self.engine.begin() as c:
            stopped = bookkeeping.STOPPED
            c.execute(stopped.delete().where(stopped.c.stream == self.stream, stopped.c.kind == kind))
            c.execute(bookkeeping.STOPPED.insert().values(stream=self.stream, kind=kind, release=release()))
        with self.engine.begin() as c:
            self.load(c)

    def lift(self) -> list[str]:
        """Lifts all stops; returns the kinds that had been stopped."""
        with self.engine.begin() as c:
            stopped = bookkeeping.STOPPED
            found = (
                c.execute(sa.select(stopped.c.kind).where(stopped.c.stream == self.stream)).scalars().all()
            )
            c.execute(bookkeeping.STOPPED.delete().where(bookkeeping.STOPPED.c.stream == self.stream))
        self.stopped, self.last = frozenset(), []
        self.failures.clear()
        return sorted(found)
