"""Which earlier messages made the rows that a service used for a message.

The recording is folded one message at a time. The session of each message knows which rows its handler has looked at, also
in vain, and which it has written.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import Feeding, prepare
from microgov.services.chassis.replay.sandbox import sandbox
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.fold_session.identity_map import RowPlan
from microgov.services.chassis.store.fold_session.session import FoldSession

Row = tuple[str, tuple[Any, ...]]
"""A row: its table and its primary key."""


class Use(NamedTuple):
    """A row that a service used for a message. `made_by`: the sequence of the message for which the row was last written;
    `counted`: the row is written anew as well, as a sum or a counter is that many messages share.
    """

    made_by: int
    table: str
    counted: bool


class Tracer:
    """Follows one service. `uses`: sequence of a message → the rows that the service used for it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.uses: dict[int, list[Use]] = {}
        self._last: dict[Row, int] = {}
        self._written: set[Row] = set()
        self._looked_at: set[Row] = set()

    def wrote(
        self, plan: RowPlan, before: Sequence[tuple[Any, ...]], after: Sequence[tuple[Any, ...]]
    ) -> None:
        """Notes rows that were written, changed or deleted."""
        table, names = plan.bulk.table.name, plan.bulk.names
        places = [names.index(key) for key in plan.bulk.keys]
        self._written.update((table, tuple(row[at] for at in places)) for row in (*before, *after))

    def looked(self, s: FoldSession) -> None:
        """Notes rows that the handler has looked at."""
        for row_set in s.row_sets.values():
            table, one = row_set.plan.bulk.table.name, len(row_set.plan.keys) == 1
            self._looked_at.update((table, (key,) if one else key) for key in row_set.rows)

    def begin(self) -> None:
        """Begins a message."""
        self._written, self._looked_at = set(), set()

    def end(self, seq: int) -> None:
        """Ends the message at this sequence."""
        last, written = self._last, self._written
        used = {Use(last[row], row[0], row in written) for row in self._looked_at | written if row in last}
        if used:
            self.uses[seq] = sorted(used)
        last.update(dict.fromkeys(written, seq))


def trace(
    service: Service, recording: Recording, upto: int, progress: Callable[[int], None] = lambda _: None
) -> dict[int, list[Use]]:
    """By sequence of a message, the rows that this service used for it; messages after `upto` are not folded."""
    database, tracer = engine("sqlite://"), Tracer(service)
    prepare(database, service)
    feeding = Feeding(service, recording, database)
    feeding.folding.on_write, feeding.folding.on_session = tracer.wrote, tracer.looked
    wanted = frozenset(feeding.folding.types)
    with sandbox(service):
        for stored in recording.messages:
            if stored.seq > upto:
                break
            if stored.subject.split(".", 3)[3] not in wanted:
                continue
            parsed = [read_one(stored)]
            feeding.note_invalid(parsed)
            count = 0
            while not count:
                tracer.begin()
                _, count = feeding.fold(parsed)
            tracer.end(stored.seq)
            progress(1)
    database.dispose()
    return tracer.uses
