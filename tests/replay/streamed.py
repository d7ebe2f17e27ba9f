"""A replay of a recording that does not fit into memory: message by message, all services side by side."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.replay.sandbox import sandbox
from microgov.services.chassis.service import Service
from microgov.testing.house.fold import FoldInMemory

AT_ONCE = 1000


class Differs(Exception):
    """A service answers otherwise than recorded; the text says which, and where."""


class StreamedReplay:
    """Folds messages as they come, and compares the answers of each service with the recorded ones, byte by byte."""

    def __init__(self, tenant: str, services: Sequence[Service]) -> None:
        self.services = services
        self.folds = {one.name: FoldInMemory(one, tenant, collects=True) for one in services}
        self.said = {one.name: deque[Draft]() for one in services}
        self.recorded = {one.name: deque[Stored]() for one in services}
        self.answers = dict.fromkeys(self.folds, 0)

    def run(self, messages: Iterable[Stored], progress: Callable[[int], None] = lambda count: None) -> None:
        """Replays all messages. Raises Differs at the first answer that is another one."""
        rest = iter(messages)
        with sandbox(*self.services):
            while some := list(islice(rest, AT_ONCE)):
                self._take(some)
                progress(len(some))
        for name in self.folds:
            left = [draft.subject for draft in self.said[name]]
            left += [stored.subject for stored in self.recorded[name]]
            if left:
                raise Differs(
                    f"{name}: {len(left)} answers are recorded alone or given alone, first {left[0]}"
                )

    def _take(self, some: Sequence[Stored]) -> None:
        parsed = [read_one(stored) for stored in some]
        for name, fold in self.folds.items():
            self.said[name].extend(fold.fold(parsed))
            self.recorded[name].extend(one for one in some if one.subject.split(".", 3)[2] == name)
            self._compare(name)

    def _compare(self, name: str) -> None:
        said, recorded = self.said[name], self.recorded[name]
        while said and recorded:
            draft, stored = said.popleft(), recorded.popleft()
            n = self.answers[name] = self.answers[name] + 1
            now = draft.numbered(n)
            if (now.subject, now.data) != (stored.subject, stored.data):
                raise Differs(
                    f"{name} at {stored.seq}: recorded {stored.data.decode()}, now {now.data.decode()}"
                )
