"""The states that a recording holds: how they are collected, and how a replay is compared with them.

A recording of up to 10,000 messages holds the state after every message; of a longer one, after every thousandth message, so
that a replay can say in which thousand the states part. Only the tables that have changed since the last state are listed.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple, Protocol

from sqlalchemy.engine import Connection

from microgov.services.chassis.recording.recording import Recording, States
from microgov.services.chassis.replay.state import StateTrace, shown
from microgov.services.chassis.service import Service

EACH_UP_TO, STEP = 10_000, 1_000
"""Up to how many messages a recording holds the state after each; after how many a longer one does."""


def step_of(recording: Recording) -> int:
    """After how many messages of the log this recording holds the next state."""
    return 1 if len(recording.messages) <= EACH_UP_TO else STEP


class StateObserver(Protocol):
    """Is told about a replay that folds one message at a time. `ended`: the replay need not go on."""

    trace: StateTrace
    ended: bool

    def before(self, seq: int) -> None:
        """The message at this sequence is folded next."""

    def after(self, seq: int, c: Connection, scan: bool) -> None:
        """It has been folded in this transaction, which is not committed yet. `scan`: see StateTrace.committed."""


class StateCollector:
    """Collects the states of one service for a recording: [sequence, {table: sum}] after every `step` messages of the log,
    the last one at the end. A transaction may fold several messages, if they are of the same step.
    """

    def __init__(self, service: Service, step: int) -> None:
        self.trace, self.ended, self.step = StateTrace(service), False, step
        self.states: list[tuple[int, dict[str, str]]] = []
        self._changed: dict[str, str] = {}
        self._put_sums: dict[str, str] = {}
        self._last = 0

    def before(self, seq: int) -> None:
        if self._changed and (self.step == 1 or (seq - 1) // self.step > (self._last - 1) // self.step):
            self._put((seq - 1) // self.step * self.step if self.step > 1 else self._last)

    def after(self, seq: int, c: Connection, scan: bool) -> None:
        self._changed |= self.trace.committed(c, scan)
        self._last = seq

    def end(self) -> list[tuple[int, dict[str, str]]]:
        """All states, after the last message was folded."""
        if self._changed:
            self._put(self._last)
        return self.states

    def _put(self, seq: int) -> None:
        # A table that has changed and changed back is listed or not, depending on how many messages a transaction folds.
        changed = {
            name: total
            for name, total in sorted(self._changed.items())
            if self._put_sums.get(name, shown(0)) != total
        }
        if changed:
            self.states.append((seq, changed))
        self._put_sums |= changed
        self._changed = {}


class OtherState(NamedTuple):
    """Where the state parts from the recorded one: after the message at `seq` (the first one after `after`, and this one at
    the latest), by table the recorded and the present sum, and the rows that this message wrote.
    """

    seq: int
    after: int
    tables: dict[str, tuple[str | None, str | None]]
    rows: dict[str, list[dict[str, Any]]]


class StateComparison:
    """Compares the states of one service with the recorded ones. `found`: the first place where they differ; the replay ends
    there, unless it looks for `every` difference.
    """

    def __init__(self, service: Service, recording: Recording, every: bool = False) -> None:
        self.trace, self.every, self.ended = StateTrace(service), every, False
        self.found: OtherState | None = None
        self._recorded: Iterator[tuple[int, Mapping[str, str]]] = iter(recording.states.get(service.name, ()))
        self._next = next(self._recorded, None)
        self._each = len(recording.messages) <= EACH_UP_TO
        self._expected: dict[str, str] = {}
        self._touched: set[str] = set()
        self._last = self._compared = 0

    def before(self, seq: int) -> None:
        if self.found is None:
            self._compare(self._reached(seq))

    def after(self, seq: int, c: Connection, scan: bool) -> None:
        self._touched.update(self.trace.committed(c, scan))
        self._last = seq

    def end(self) -> None:
        """Compares the state after the last message, too."""
        if self.found is None:
            self._compare(self._reached(self._last + 1))

    def _reached(self, seq: int) -> int | None:
        """Takes the recorded states before the message at `seq`; returns the sequence of the last one, None if there is
        none.
        """
        last: int | None = None
        while self._next is not None and self._next[0] < seq:
            last, tables = self._next
            self._expected.update(tables)
            self._touched.update(tables)
            self._next = next(self._recorded, None)
        return last

    def _compare(self, reached: int | None) -> None:
        if not self._touched or not (self._each or reached):
            return
        now = {name: self.trace.sums.get(name, 0) for name in self._touched}
        other = {
            name: (self._expected.get(name), f"{total:016x}" if total else None)
            for name, total in sorted(now.items())
            if (int(self._expected.get(name, "0"), 16)) != total
        }
        if other:
            rows = {name: self.trace.rows.get(name, []) for name in other} if self._each else {}
            self.found = OtherState(reached or self._last, self._compared, other, rows)
            self.ended = not self.every
        self._compared = reached or self._last
        self._touched.clear()


def recorded_tables(recording: Recording, service: str, upto: int | None = None) -> dict[str, str]:
    """The recorded sums of the service's tables after the message at this sequence (None: at the end)."""
    return sums_at(recording.states.get(service, ()), upto)


def has_state_at(recording: Recording, upto: int | None) -> bool:
    """Whether the recording holds the state after the message at this sequence (None: at the end)."""
    if upto is None:
        return True
    last = count = 0
    for count, stored in enumerate(recording.messages, 1):  # noqa: B007  # both are those of the last message
        last = stored.seq
    each = bool(recording.states) and (count <= EACH_UP_TO or upto % STEP == 0)
    return each or upto >= last


def sums_at(states: States, upto: int | None) -> dict[str, str]:
    """The sums of the tables that have rows, after the message at this sequence (None: after the last one)."""
    some = (tables for seq, tables in states if upto is None or seq <= upto)
    last = dict(chain.from_iterable(tables.items() for tables in some))
    return {name: total for name, total in sorted(last.items()) if int(total, 16)}
