"""Messages that may be what ended the process, or outlasted the database: folded alone, counted, and put aside."""

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
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.telemetry import logger

KILLS = 3
log = logger("fold")


class Suspects:
    """Of one reader. While `left` is above 0 the fold takes one message at a time, and notes which before it begins."""

    def __init__(self, engine: Engine, folding: Fold, breaker: Breaker, stream: str) -> None:
        self.engine, self.folding, self.breaker, self.stream = engine, folding, breaker, stream
        self.left = self.spared = self.slow = 0
        self.began = 0.0

    def begin(self) -> None:
        """A transaction begins."""
        self.began = time.monotonic()

    def mark(self, parsed: Parsed) -> None:
        """This one is about to be folded alone; one that was begun three times and never ended is condemned."""
        self.left -= 1
        seq = parsed.stored.seq
        with self.engine.begin() as c:
            tries = bookkeeping.mark(c, self.stream, seq, counts=seq != self.spared)
        self.spared = 0
        if tries > KILLS:
            code = "too_slow" if seq == self.slow else "killed_process"
            self.folding.condemned[seq] = code
            log.warning("a message was begun three times and never ended: quarantined", seq=seq, code=code)

    def blame(self, batch: Sequence[Parsed], error: sa.exc.StatementError) -> None:
        """The database failed: a handler that outlasted its patience is found one by one, else no message is to blame."""
        if idled(error, time.monotonic() - self.began):
            self.left = max(self.left, len(batch))
            self.slow = batch[0].stored.seq
        else:
            self.spared = batch[0].stored.seq

    def settled(self, seq: int) -> None:
        """All up to here is folded, or put aside."""
        for one in [one for one in self.folding.condemned if one <= seq]:
            del self.folding.condemned[one]

    def condemn(self, failed: HandlerFailed) -> None:
        """Its handler has raised: it is quarantined with the next try; error and trace are kept for whoever mends it.

        Raises LogDiffers where so many have failed that the release is bad.
        """
        seq = failed.parsed.stored.seq
        self.breaker.failed(kind_of(failed.parsed))
        self.folding.condemned[seq] = "handler_failed"
        trace = "".join(traceback.format_exception(failed.error))
        log.warning("a handler failed: its message is quarantined", seq=seq, error=repr(failed.error))
        with self.engine.begin() as c:
            bookkeeping.note_trouble(c, self.stream, seq, repr(failed.error), trace)

    def culprit(self, parsed: Parsed, error: sa.exc.StatementError) -> HandlerFailed:
        """The database refuses what one message writes: itself, or – it is an order – something that it releases.

        Which of those is tried: one more each time, and taken back.
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
