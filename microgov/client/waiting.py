"""Shows the user what the program is waiting for, if that takes longer than MOMENT seconds."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from microgov.text.sentences import Sentence

MOMENT = 3.0
"""Seconds of waiting after which the user is informed."""


def _show_nothing(_: Sentence) -> None:
    """Default of `show`: shows nothing."""


class WaitingMessage:
    """Shows each text once. `show` prints it."""

    def __init__(self, show: Callable[[Sentence], None] = _show_nothing) -> None:
        self.show = show
        self.shown: set[Sentence] = set()

    @contextmanager
    def during(self, zh: str, en: str) -> Iterator[None]:
        """Shows the text if the block takes longer than MOMENT seconds."""
        timer = asyncio.get_running_loop().call_later(MOMENT, self.show_once, zh, en)
        try:
            yield
        finally:
            timer.cancel()

    def show_once(self, zh: str, en: str) -> None:
        """Shows the text, unless it was shown earlier."""
        words = Sentence(zh, en)
        if words not in self.shown:
            self.shown.add(words)
            self.show(words)
