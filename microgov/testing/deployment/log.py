"""The log of a deployment in memory: it numbers messages as the log of a broker does."""

from collections.abc import Callable

from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.stamp import Draft

Sink = Callable[[Stored], None]


class GrowingLog:
    """Gives each message the next sequence of the log and the next number of its writer.

    The messages are kept in `messages`, unless there is a `sink`, which gets each instead: then a long log needs no memory.
    """

    def __init__(self, sink: Sink | None = None) -> None:
        self.messages: list[Stored] = []
        self.length = 0
        self.numbers: dict[str, int] = {}
        self._take: Sink = sink or self.messages.append

    def append(self, writer: str, draft: Draft) -> Stored:
        """Appends a writer's message, and returns it as it stands in the log."""
        n = self.numbers[writer] = self.numbers.get(writer, 0) + 1
        self.length += 1
        stored = Stored(self.length, draft.subject, draft.numbered(n).data)
        self._take(stored)
        return stored

    def cut(self, length: int, numbers: dict[str, int]) -> None:
        """Forgets all messages after this length, when the writers had these numbers."""
        del self.messages[length:]
        self.length, self.numbers = length, dict(numbers)
