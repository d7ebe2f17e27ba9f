"""Watches whether the broker or the database still answers; logs one line when it stops and one when it answers again."""

import time

from microgov.services.chassis.infrastructure import words_of
from microgov.services.chassis.telemetry import logger

LIMIT = 5.0
"""Seconds without an answer after which a server counts as away: five times the interval (1 s) at which it is asked."""
log = logger("pulse")


class Pulse:
    """Notes when `what` (a server's name in logs) last answered, by the machine's monotonic clock; `trouble` tells whether
    that is too long ago.
    """

    def __init__(self, what: str, limit: float = LIMIT) -> None:
        self.what, self.limit = what, limit
        self.last = time.monotonic()
        self.never_answered, self.away, self.why = True, False, ""

    def beat(self) -> None:
        """Notes an answer."""
        now = time.monotonic()
        if self.away:
            log.info(f"{self.what} answers again", after=round(now - self.last, 1))
        self.last, self.never_answered, self.away, self.why = now, False, False, ""

    def missed(self, error: BaseException) -> None:
        """Notes a request that has failed."""
        self.why = words_of(error)
        self._note_silence()

    def check_silence(self) -> None:
        """Logs, once, that nothing has answered for longer than the limit: a server that hangs causes no error."""
        if time.monotonic() - self.last > self.limit:
            self._note_silence()

    def _note_silence(self) -> None:
        if not self.away:
            self.away = True
            log.warning(f"{self.what} does not answer", why=self.why or "silence")

    def trouble(self) -> str:
        """Why it counts as away; empty if it has answered within the limit."""
        age = time.monotonic() - self.last
        if not self.never_answered and age <= self.limit:
            return ""
        since = "has not answered yet" if self.never_answered else f"has not answered for {age:.0f} s"
        return f"{self.what} {since}" + (f" ({self.why})" if self.why else "")
