"""Whether what we depend on still answers – the broker, the database: one line when it goes, one when it is back."""

import time

from microgov.services.chassis.infrastructure import words_of
from microgov.services.chassis.telemetry import logger

LIMIT = 5.0
"""Seconds without an answer after which it counts as away: five times the pace at which it is asked."""
log = logger("pulse")


class Pulse:
    """The last time that `what` answered, on the machine's steady clock; `trouble` says so where that is too long ago."""

    def __init__(self, what: str, limit: float = LIMIT) -> None:
        self.what, self.limit = what, limit
        self.last = time.monotonic()
        self.never, self.away, self.why = True, False, ""

    def beat(self) -> None:
        """It has answered."""
        now = time.monotonic()
        if self.away:
            log.info(f"{self.what} answers again", after=round(now - self.last, 1))
        self.last, self.never, self.away, self.why = now, False, False, ""

    def missed(self, error: BaseException) -> None:
        """A request to it has failed."""
        self.why = words_of(error)
        self._gone()

    def look(self) -> None:
        """Says once where it has been silent for too long: nothing fails where a server is only hung."""
        if time.monotonic() - self.last > self.limit:
            self._gone()

    def _gone(self) -> None:
        if not self.away:
            self.away = True
            log.warning(f"{self.what} does not answer", why=self.why or "silence")

    def trouble(self) -> str:
        """Empty where it has answered within the limit."""
        age = time.monotonic() - self.last
        if not self.never and age <= self.limit:
            return ""
        since = "has not answered yet" if self.never else f"has not answered for {age:.0f} s"
        return f"{self.what} {since}" + (f" ({self.why})" if self.why else "")
