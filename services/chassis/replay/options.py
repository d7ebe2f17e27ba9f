"""What a replay is asked to compare, and what it has compared."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`every`: goes on after the first difference. `words`: refusals in other words are differences, too. `upto`: the
    sequence of the last message that is folded. `entity`: only answers that name this id are compared, and no state.
    """

    every: bool = False
    words: bool = False
    upto: int | None = None
    entity: str | None = None


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
