"""Who waits is told what for: nobody sits before a silent terminal for longer than a moment."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from microgov.text.sentences import Told

MOMENT = 3.0


def _nobody(_: Told) -> None:
    """Nobody is to be told."""


class Waiting:
    """Tells once what is waited for, as soon as it has taken longer than a moment."""

    def __init__(self, tell: Callable[[Told], None] = _nobody) -> None:
        self.tell = tell
        self.told: set[Told] = set()

    @contextmanager
    def on(self, zh: str, en: str) -> Iterator[None]:
        """While the block runs."""
        timer = asyncio.get_running_loop().call_later(MOMENT, self.say, zh, en)
        try:
            yield
        finally:
            timer.cancel()

    def say(self, zh: str, en: str) -> None:
        """Once."""
        words = Told(zh, en)
        if words not in self.told:
            self.told.add(words)
            self.tell(words)
