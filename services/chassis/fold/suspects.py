"""Finds the message whose handler kills the process or runs longer than the database allows.

After such a failure the fold takes its messages one by one and counts the attempts at each. A message whose handling began
three times and never ended is quarantined (architecture.md §4.6).
"""

import time
import traceback
from collections.abc import Sequence
from itertools import count

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.fold.breaker import Breaker
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.isolating import QUARANTINE_ORDERS
from microgov.services.chassis.infrastructure import idled
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed, kind_of
from microgov.services.chassis.store import crash_attempts
from microgov.services.chassis.telemetry import logger

MAX_CRASHES = 3
log = logger("fold")


class Suspects:
    """The suspicious messages of one reader.

    `remaining`: how many messages are still to be folded one at a time, each with its sequence stored in the table `mark`
    before it begins. `uncounted_seq`: sequence of a message whose next attempt does not count, because the database was at
    fault. `slow_seq`: sequence of the first message of the last batch whose transaction took too long. `transaction_began`:
    when the current transaction began, by the machine's monotonic clock.
    """

    def __init__(self, engine: Engine, folding: Fold, breaker: Breaker, stream: str) -> None:
        self.engine, self.folding, self.breaker, self.stream = engine, folding, breaker, stream
        self.remaining = self.uncounted_seq = self.slow_seq = 0
        self.transaction_began = 0.0

    def transaction_begins(self) -> None:
        """Notes that a transaction begins now."""
        self.transaction_began = time.monotonic()

    def count_attempt(self, parsed: Parsed) -> None:
        """Notes an attempt at this message, before it is folded alone; condemns it if its handling began three times and
        never ended.
        """
        self.remaining -= 1
        seq = parsed.stored.seq
        with self.engine.begin() as c:
            tries = crash_attempts.count_attempt(c, self.stream, seq, counts=seq != self.uncounted_seq)
        self.uncounted_seq = 0
        if tries > MAX_CRASHES:
            code = "too_slow" if seq == self.slow_seq else "killed_process"
            self.folding.condemned[seq] = code
            log.warning("a message was begun three times and never ended: quarantined", seq=seq, code=code)

    def blame(self, batch: Sequence[Parsed], error: sa.exc.StatementError) -> None:
        """Notes a failure of the database. If a handler computed until PostgreSQL ended the transaction, the messages of the
        batch will be folded one by one to find it; otherwise the database is at fault, and the attempt does not count.
        """
        if idled(error, time.monotonic() - self.transaction_began):
            self.remaining = max(self.remaining, len(batch))
            self.slow_seq = batch[0].stored.seq
        else:
            self.uncounted_seq = batch[0].stored.seq

    def committed(self, seq: int) -> None:
        """Removes the condemned messages up to this sequence from the list: they are committed, as folded or as
        quarantined.
        """
        for condemned in [condemned for condemned in self.folding.condemned if condemned <= seq]:
            del self.folding.condemned[condemned]

    def condemn(self, failed: HandlerFailed) -> None:
        """Condemns the message whose handler raised: the next attempt quarantines it. Error and trace are kept in
        `trouble`.

        Raises LogDiffers if so many different messages have failed that the release itself is bad (breaker.py).
        """
        seq = failed.parsed.stored.seq
        self.breaker.failed(kind_of(failed.parsed))
        self.folding.condemned[seq] = "handler_failed"
        trace = "".join(traceback.format_exception(failed.error))
        log.warning("a handler failed: its message is quarantined", seq=seq, error=repr(failed.error))
        with self.engine.begin() as c:
            crash_attempts.note_trouble(c, self.stream, seq, repr(failed.error), trace)


def culprit(engine: Engine, folding: Fold, parsed: Parsed, error: sa.exc.StatementError) -> HandlerFailed:
    """Names the message whose rows the database refuses: `parsed` itself or, if it is a RetryMessage or DiscardMessage,
    one of the held messages that it releases.

    To find out, the order is tried with 0, 1, 2 … released messages; each trial is rolled back.
    """
    blocked = set(folding.blocked)
    for most in count() if type(parsed.m.data) in QUARANTINE_ORDERS else ():
        folding.release_most = most
        try:
            with engine.connect() as c, c.begin() as trial:
                folding.fold(c, [parsed])
                trial.rollback()
        except (HandlerFailed, sa.exc.StatementError):
            return HandlerFailed(folding.released[-1] if most else parsed, error, parsed)
        finally:
            folding.blocked, folding.release_most = set(blocked), None
        if len(folding.released) < most:
            break
    return HandlerFailed(parsed, error)
