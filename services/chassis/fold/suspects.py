"""Finds the message that kills the process or runs longer than the database allows.

After such a failure the fold takes its messages one by one and counts the attempts at each. A message that was begun three
times and never ended is quarantined (architecture.md §4.6).
"""

import time
import traceback
from collections.abc import Sequence
from itertools import count

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.fold.breaker import Breaker
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.isolating import MENDING
from microgov.services.chassis.infrastructure import idled
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed, kind_of
from microgov.services.chassis.store import crash_attempts
from microgov.services.chassis.telemetry import logger

MAX_CRASHES = 3
log = logger("fold")


class Suspects:
    """The suspicious messages of one reader.

    While `left` is above 0, the fold takes one message at a time and stores its sequence in the table `mark` before it
    begins. `spared`: sequence of a message whose next attempt does not count, because the database was at fault. `slow`:
    sequence of the first message of the last batch whose transaction took too long. `began`: when the current transaction
    began.
    """

    def __init__(self, engine: Engine, folding: Fold, breaker: Breaker, stream: str) -> None:
        self.engine, self.folding, self.breaker, self.stream = engine, folding, breaker, stream
        self.left = self.uncounted = self.slow = 0
        self.began = 0.0

    def begin(self) -> None:
        """Notes that a transaction begins now."""
        self.began = time.monotonic()

    def mark(self, parsed: Parsed) -> None:
        """Notes the attempt at this message, before it is folded alone; condemns it if it was begun three times and never
        ended.
        """
        self.left -= 1
        seq = parsed.stored.seq
        with self.engine.begin() as c:
            tries = crash_attempts.count_attempt(c, self.stream, seq, counts=seq != self.uncounted)
        self.uncounted = 0
        if tries > MAX_CRASHES:
            code = "too_slow" if seq == self.slow else "killed_process"
            self.folding.condemned[seq] = code
            log.warning("a message was begun three times and never ended: quarantined", seq=seq, code=code)

    def blame(self, batch: Sequence[Parsed], error: sa.exc.StatementError) -> None:
        """Handles a failure of the database. If a handler computed until PostgreSQL ended the transaction, the messages of
        the batch are folded one by one to find it; otherwise no message is to blame, and the attempt does not count.
        """
        if idled(error, time.monotonic() - self.began):
            self.left = max(self.left, len(batch))
            self.slow = batch[0].stored.seq
        else:
            self.uncounted = batch[0].stored.seq

    def done(self, seq: int) -> None:
        """Forgets the condemned messages up to this sequence: they are committed, as folded or as quarantined."""
        for one in [one for one in self.folding.condemned if one <= seq]:
            del self.folding.condemned[one]

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

    def culprit(self, parsed: Parsed, error: sa.exc.StatementError) -> HandlerFailed:
        """Names the message whose rows the database refuses: `parsed` itself or, if it is a RetryMessage or
        DiscardMessage, one of the held messages that it releases.

        To find out, the order is tried with 0, 1, 2 … released messages; each trial is rolled back.
        """
        blocked = set(self.folding.blocked)
        for most in count() if type(parsed.m.data) in MENDING else ():
            self.folding.release_most = most
            try:
                with self.engine.connect() as c, c.begin() as trial:
                    self.folding.fold(c, [parsed])
                    trial.rollback()
            except (HandlerFailed, sa.exc.StatementError):
                return HandlerFailed(self.folding.released[-1] if most else parsed, error, parsed)
            finally:
                self.folding.blocked, self.folding.release_most = set(blocked), None
            if len(self.folding.released) < most:
                break
        return HandlerFailed(parsed, error)
