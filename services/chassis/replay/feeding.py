"""Feeds a recording to one fold, as the log feeds it in production, and yields the fold's answers.

A handler that fails does not end the replay: its message is quarantined, as in production, and the answer carries the
error. So does a message whose rows the database refuses, and one whose handler computes for too long.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile
from types import FrameType

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Connection, Engine

from microgov.contracts.message import parse, type_in
from microgov.services.chassis.fold.fold import Fold, types_of
from microgov.services.chassis.fold.suspects import culprit
from microgov.services.chassis.infrastructure import is_away
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed, read_one
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.checkpoints import StateObserver
from microgov.services.chassis.replay.sandbox import sandbox, watched
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.create_tables import emptied
from microgov.services.chassis.store.engine import SCRATCH, engine

BATCH, MOST_SAID = 1000, 1_500
"""How many messages a transaction folds at most, unless the caller chooses; how many answers end it, to save memory."""
CACHE_KB = 4_096
"""How much of the database of a replay is kept in memory."""
NONE = range(0)
LONGEST_SECONDS = 20
"""How much processor time one handler may take."""


class NotValid(Exception):
    """The message does not satisfy its contract; the text names the field and the rule."""


class HandlerTooSlow(BaseException):
    """A handler has computed for LONGEST_SECONDS.

    It is no Exception, so that an `except Exception` in the handler lets it pass.
    """


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a handler that raises KeyboardInterrupt: the replay ends at this message."""

    def __init__(self, stored: Stored) -> None:
        super().__init__(f"interrupted at {stored.seq} {stored.subject}")
        self.stored = stored


@dataclass(frozen=True)
class ReplayedAnswer:
    """An answer of a fold during the replay, and the message that it answers.

    `error` is set where the answer is the quarantine of that message: what the handler or the database raised.
    """

    draft: Draft
    cause: Stored
    error: BaseException | None = None


def scratch_engine() -> Engine:
    """An empty database, of which CACHE_KB are kept in memory."""
    return engine(SCRATCH, cache_kb=CACHE_KB)


def prepare(engine: Engine, service: Service) -> None:
    """Makes the service's tables in this database, empty."""
    with engine.begin() as c:
        emptied(c, service.base.metadata)


def to_fold(service: Service, recording: Recording) -> int:
    """How many messages of the recording the service folds."""
    return recording.contents.count(types_of(service))


def feed(
    service: Service,
    recording: Recording,
    engine: Engine,
    progress: Callable[[int], None] = lambda _: None,
    batch: int = BATCH,
    upto: int | None = None,
    states: StateObserver | None = None,
    alone: range = NONE,
) -> Iterator[ReplayedAnswer]:
    """Folds the recording, or its messages up to the sequence `upto`, into the prepared database; yields the answers.

    `batch` messages make a transaction; those whose sequence is in `alone` make one each. `progress` is called with the
    number of messages that were folded, `states` with each state; it needs a `batch` of 1. Raises Interrupted, and the
    database's error if it is lost.
    """
    feeding = Feeding(service, recording, engine, states)
    with sandbox(service):
        for some in _batches(feeding.folding, recording, batch, upto, alone):
            feeding.folding.strict = batch == 1 or some[0].seq in alone
            rest = [read_one(stored) for stored in some]
            feeding.note_invalid(rest)
            while rest:
                said, count = feeding.fold(rest)
                yield from said
                progress(count)
                rest = rest[count:]
                if states is not None and states.ended:
                    return


def _batches(
    folding: Fold, recording: Recording, batch: int, upto: int | None, alone: range
) -> Iterator[list[Stored]]:
    wanted = frozenset(folding.types)
    some = recording.messages if upto is None else takewhile(lambda m: m.seq <= upto, recording.messages)
    mine = (m for m in some if type_in(m.subject) in wanted)
    for is_alone, part in groupby(mine, lambda m: m.seq in alone):
        while batch_of := list(islice(part, 1 if is_alone else batch)):
            yield batch_of


class Feeding:
    """One replay of one fold. `most` limits the next transaction; `errors`: id of a message → why it is quarantined."""

    def __init__(
        self, service: Service, recording: Recording, engine: Engine, states: StateObserver | None = None
    ) -> None:
        self.folding = Fold(service, recording.tenant, recording.contents.quarantines.get(service.name))
        self.folding.most_said = MOST_SAID
        self.recording, self.engine, self.most = recording, engine, BATCH
        self.errors: dict[str, BaseException] = {}
        self.states, self.blocked = states, False
        if states is not None:
            self.folding.on_write = states.trace.changed
        with engine.begin() as c:
            self.folding.open(c)

    def note_invalid(self, batch: Sequence[Parsed]) -> None:
        """Notes why messages are not valid: the fold will quarantine them."""
        self.errors.update({one.m.id: NotValid(_faults(one.stored)) for one in batch if one.broken})

    def fold(self, batch: Sequence[Parsed]) -> tuple[list[ReplayedAnswer], int]:
        """Folds one transaction; returns the answers and the number of messages that were folded. If a message fails,
        nothing is folded, and the next call quarantines it.
        """
        some = batch[: self.most]
        try:
            with _time_limit(self.folding), watched(), self.engine.begin() as c:
                drafts, count = self._fold(c, some)
        except HandlerFailed as failed:
            if isinstance(failed.error, KeyboardInterrupt):
                raise Interrupted(failed.parsed.stored) from failed.error
            self._condemn(failed)
            return [], 0
        except HandlerTooSlow as error:
            return self._alone(some, error)
        except sa.exc.StatementError as error:
            if is_away(error):
                raise
            return self._alone(some, error)
        self.most = BATCH
        self.folding.condemned.clear()
        causes = {one.m.id: one.stored for one in some}
        return [self._answer(draft, causes, some[count - 1].stored) for draft in drafts], count

    def _fold(self, c: Connection, some: Sequence[Parsed]) -> tuple[list[Draft], int]:
        """Folds the messages in this transaction, and notes the state."""
        states, seq = self.states, some[0].stored.seq
        if states is not None:
            states.before(seq)
            states.trace.begun()
        drafts, count = self.folding.fold(c, some)
        self.blocked = self.blocked or bool(self.folding.blocked)
        if states is not None:
            states.after(seq, c, self.blocked)
        return drafts, count

    def _alone(self, some: Sequence[Parsed], error: BaseException) -> tuple[list[ReplayedAnswer], int]:
        """After an error that a message of the transaction caused: folds fewer messages next time, or condemns the one."""
        if len(some) > 1:
            self.most = len(some) // 2
        elif isinstance(error, sa.exc.StatementError):
            self._condemn(culprit(self.engine, self.folding, some[0], error))
        else:
            self._condemn(HandlerFailed(some[0], error))
        return [], 0

    def _condemn(self, failed: HandlerFailed) -> None:
        self.folding.condemned[failed.parsed.stored.seq] = "handler_failed"
        for one in (failed.parsed, failed.during):
            self.errors[one.m.id] = failed.error

    def _answer(self, draft: Draft, causes: dict[str, Stored], last: Stored) -> ReplayedAnswer:
        id = _causation_id(draft)
        # A message that an order releases stands before this transaction.
        cause = causes.get(id) or self.recording.by_id.get(id, last)
        quarantined = draft.subject.endswith(".log.message_quarantined.v1")
        return ReplayedAnswer(draft, cause, self.errors.get(id) if quarantined else None)


def _faults(stored: Stored) -> str:
    """Why the message is not valid: each field with its rule."""
    try:
        parse(stored.subject, stored.data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
    return ""


def _causation_id(draft: Draft) -> str:
    start = draft.data.index(b'"causationid":"') + len(b'"causationid":"')
    return draft.data[start : start + 36].decode()


class _time_limit:
    """Raises HandlerTooSlow in a handler that has computed for LONGEST_SECONDS. Where signals cannot be used (outside of
    the main thread), it does nothing.
    """

    def __init__(self, folding: Fold) -> None:
        self.folding = folding
        self.at: Parsed | None = None
        self.seconds = 0
        self.usable = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self.usable:
            self.before = signal.signal(signal.SIGVTALRM, self._second_passed)
            signal.setitimer(signal.ITIMER_VIRTUAL, 1, 1)

    def __exit__(self, *_: object) -> None:
        if self.usable:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self.before)

    def _second_passed(self, _number: int, _frame: FrameType | None) -> None:
        self.seconds = self.seconds + 1 if self.folding.at is self.at else 0
        self.at = self.folding.at
        if self.at is not None and self.seconds >= LONGEST_SECONDS:
            self.seconds = 0
            raise HandlerTooSlow(f"computed for {LONGEST_SECONDS} s of processor time without an end")
