"""Shows the user what the program is waiting for, if it takes longer than a moment."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from microgov.text.sentences import Sentence

MOMENT = 3.0
"""So many seconds pass before the user is informed what the program waits for."""


def _nobody(_: Sentence) -> None:
    """Default of `tell`: shows nothing."""


class WaitingMessage:
    """Shows once what the program is waiting for, after MOMENT seconds."""

    def __init__(self, tell: Callable[[Sentence], None] = _nobody) -> None:
        self.tell = tell
        self.shown: set[Sentence] = set()

    @contextmanager
    def on(self, zh: str, en: str) -> Iterator[None]:
        """Shows the text if the block takes longer than a moment."""
        timer = asyncio.get_running_loop().call_later(MOMENT, self.say, zh, en)
        try:
            yield
        finally:
            timer.cancel()

    def say(self, zh: str, en: str) -> None:
        """Shows the text, unless it was shown before."""
        words = Sentence(zh, en)
        if words not in self.shown:
            self.shown.add(words)
            self.tell(words)
