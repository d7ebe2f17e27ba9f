"""Messages that may be what ended the process, or outlasted the database: folded alone, counted, and put aside."""

import time
import traceback
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.chassis import books
from services.chassis.folding import Folding
from services.chassis.infrastructure import idled
from services.chassis.parsed import HandlerFailed, Parsed
from services.chassis.telemetry import logger

KILLS = 3
log = logger("fold")


class Suspects:
    """Of one reader. While `left` is above 0 the fold takes one message at a time, and notes which before it begins."""

    def __init__(self, engine: Engine, folding: Folding, stream: str) -> None:
        self.engine, self.folding, self.stream = engine, folding, stream
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
            tries = books.mark(c, self.stream, seq, counts=seq != self.spared)
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

    def condemn(self, failed: HandlerFailed) -> None:
        """Its handler has raised: it is quarantined with the next try; error and trace are kept for whoever mends it."""
        seq = failed.parsed.stored.seq
        self.folding.condemned[seq] = "handler_failed"
        trace = "".join(traceback.format_exception(failed.error))
        log.warning("a handler failed: its message is quarantined", seq=seq, error=repr(failed.error))
        with self.engine.begin() as c:
            books.note_trouble(c, self.stream, seq, repr(failed.error), trace)
