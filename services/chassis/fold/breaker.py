"""The brake: failures in a row, and what is not tried any more until a new release, or an operator, lifts it.

Ten failures of one kind of message: its handler is called no more, such messages are quarantined at once, the others go
on; whoever finds one message at which a handler fails must not stop a service by sending ten. Ten of at least three kinds,
with nothing that worked between them: the release is bad, and the fold stops before it fills the log with quarantines.
"""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.services.chassis.errors import LogDiffers
from microgov.services.chassis.fold.release import release
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.telemetry import logger

IN_A_ROW, KINDS = 10, 3
EVERYTHING = "*"
log = logger("breaker")


class Breaker:
    """Of one reader."""

    def __init__(self, engine: Engine, stream: str) -> None:
        self.engine, self.stream = engine, stream
        self.stopped: frozenset[str] = frozenset()
        self.rows: Counter[str] = Counter()
        self.last: list[str] = []

    def load(self, c: Connection) -> None:
        """What this release is not to try any more. Raises LogDiffers where that is everything."""
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
        """A handler has failed at a message of this kind. Raises LogDiffers where the release is bad."""
        self.rows[kind] += 1
        self.last = [*self.last, kind][-IN_A_ROW:]
        if len(self.last) == IN_A_ROW and len({*self.last}) >= KINDS:
            self._stop(EVERYTHING)
        elif self.rows[kind] >= IN_A_ROW:
            self._stop(kind)

    def worked(self, kinds: set[str]) -> None:
        """Handlers of these kinds have done their work."""
        if kinds:
            self.last = []
        for kind in kinds:
            self.rows.pop(kind, None)

    def _stop(self, kind: str) -> None:
        log.error("too many failures in a row: not tried any more", kind=kind)
        with self.engine.begin() as c:
            stopped = bookkeeping.STOPPED
            c.execute(stopped.delete().where(stopped.c.stream == self.stream, stopped.c.kind == kind))
            c.execute(bookkeeping.STOPPED.insert().values(stream=self.stream, kind=kind, release=release()))
        with self.engine.begin() as c:
            self.load(c)

    def lift(self) -> list[str]:
        """Everything is tried again; what had been stopped."""
        with self.engine.begin() as c:
            stopped = bookkeeping.STOPPED
            found = (
                c.execute(sa.select(stopped.c.kind).where(stopped.c.stream == self.stream)).scalars().all()
            )
            c.execute(bookkeeping.STOPPED.delete().where(bookkeeping.STOPPED.c.stream == self.stream))
        self.stopped, self.last = frozenset(), []
        self.rows.clear()
        return sorted(found)
