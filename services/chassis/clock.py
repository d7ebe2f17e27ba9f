"""What time it is for the loops that write inputs. Folds know no clock: their time comes with the messages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from services.chassis.columns import instant


class Clock(Protocol):
    """A tenant's clock."""

    def now(self) -> datetime:
        """UTC; never decreasing as far as the writer that uses it sees it."""


class RealClock:
    """The machine's time, held back from going backwards."""

    def __init__(self) -> None:
        self.last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        self.last = max(self.last, datetime.now(UTC))
        return self.last


class FoldedClock:
    """A simulated tenant's: the greatest recordedtime that the fold has folded (`micros` tells it)."""

    def __init__(self, micros: Callable[[], int]) -> None:
        self.micros = micros

    def now(self) -> datetime:
        return instant(self.micros())
