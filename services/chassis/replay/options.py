"""What a replay is asked to compare, and what it has compared."""

import random
from dataclasses import dataclass
from typing import NamedTuple

from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import NONE
from microgov.services.chassis.service import Service


class Part(NamedTuple):
    """The part of a long recording that is folded one message at a time, where all of it would take too long; the rest is
    folded a thousand at a time. `length`: how many messages of the log; `seed` draws for each service where they begin. A
    recording that is not longer is folded one at a time as a whole. With a part, rows are compared at the end alone.
    """

    length: int
    seed: int

    def drawn(self, recording: Recording, service: Service) -> range:
        """The sequences of the log that are folded one at a time; none of a recording that is not longer."""
        longer = len(recording.messages) - self.length
        first = random.Random(f"{self.seed} {service.name}").randint(1, longer + 1) if longer > 0 else 0
        return range(first, first + self.length) if first else NONE


@dataclass(frozen=True)
class Options:
    """`every`: goes on after the first difference. `words`: refusals in other words are differences, too. `upto`: the
    sequence of the last message that is folded. `entity`: only answers that name this id are compared, and no state. `part`:
    the part that is folded one at a time (None: all).
    """

    every: bool = False
    words: bool = False
    upto: int | None = None
    entity: str | None = None
    part: Part | None = None


ALL = Options()
"""Everything is compared, up to the first difference."""


@dataclass(frozen=True)
class Compared:
    """What a replay has compared. `messages`: how many were in its reach; `answers`: how many recorded answers, of how many
    `services`; `state`: whether the rows at the end, too.
    """

    messages: int
    answers: int
    services: int
    state: bool

    @property
    def something(self) -> bool:
        """Whether anything was compared at all."""
        return self.state or self.answers > 0
