"""One service of a deployment in memory: its fold, its database, and the sums of its tables."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from typing import Any

from microgov.services.chassis.columns import KeptBase
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.messages.parsed import Parsed
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.replay.checkpoints import STEP, StateCollector
from microgov.services.chassis.replay.feeding import BATCH, prepare
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.fold_session.session import FoldSession
from microgov.services.gateway.model import Kept as DoorKept


class FoldInMemory:
    """A service's fold with a database in memory. A handler that fails raises HandlerFailed: nothing is quarantined here.

    `collects`: the sums of the tables are collected after every thousandth message of the log, for a recording.
    """

    def __init__(self, service: Service, tenant: str, collects: bool = False) -> None:
        self.service, self.tenant, self.collects = service, tenant, collects
        self.engine = engine("sqlite://")
        prepare(self.engine, service)
        kept: type[KeptBase] | None = DoorKept if service.name == "directory" else service.kept
        if kept is not None:
            kept.metadata.create_all(self.engine)
        self._start()

    def _start(self) -> None:
        self.folding = Fold(self.service, self.tenant)
        self.types = frozenset(self.folding.types)
        self.states = StateCollector(self.service, STEP)
        if self.collects:
            self.folding.on_write = self.states.trace.changed

    def fold(self, messages: Sequence[Parsed]) -> list[Draft]:
        """Folds those of the messages that the service handles, up to a thousand in a transaction; returns its answers."""
        mine = [one for one in messages if one.stored.subject.split(".", 3)[3] in self.types]
        said: list[Draft] = []
        for _, thousand in groupby(mine, lambda one: (one.stored.seq - 1) // STEP):
            rest = list(thousand)
            while rest:
                drafts, count = self._transaction(rest[:BATCH])
                said += drafts
                rest = rest[count:]
        return said

    def _transaction(self, some: Sequence[Parsed]) -> tuple[list[Draft], int]:
        self.folding.strict = len(some) == 1
        if not self.collects:
            with self.engine.begin() as c:
                return self.folding.fold(c, some)
        self.states.before(some[0].stored.seq)
        self.states.trace.begun()
        with self.engine.begin() as c:
            drafts, count = self.folding.fold(c, some)
            self.states.after(some[count - 1].stored.seq, c, False)
        return drafts, count

    @contextmanager
    def session(self) -> Iterator[FoldSession]:
        """The session from which the service answers questions."""
        with self.engine.connect() as c, FoldSession(c) as s:
            yield s

    def copy(self) -> sqlite3.Connection:
        """A copy of the database, for `restore`."""
        made = sqlite3.connect(":memory:")
        self._driver().backup(made)
        return made

    def restore(self, copy: sqlite3.Connection) -> None:
        """Returns to an earlier state. The engine stays, because it caches compiled statements."""
        copy.backup(self._driver())
        self._start()

    def _driver(self) -> sqlite3.Connection:
        """The only connection of the engine."""
        with closing(self.engine.raw_connection()) as c:
            found: Any = c.driver_connection
        assert isinstance(found, sqlite3.Connection)
        return found
