"""What a channel says of an attempt, and what it is given to send."""

from typing import Literal, NamedTuple, Protocol

Fate = Literal["ok", "temporary", "permanent", "unknown"]


class Outcome(NamedTuple):
    """`unknown`: the request left and no answer came, so that it may have arrived; it is never blindly sent again."""

    fate: Fate
    code: str


class Address(NamedTuple):
    """A person's contact point."""

    address: str
    secret: str


class Letter(NamedTuple):
    """A notice in words, under the id of its delivery, which stays the same over all attempts."""

    delivery: str
    notice: str
    notice_type: str
    entity: str
    language: str
    title: str
    body: str


class Channel(Protocol):
    """A way to reach people: one class in this folder, and one line in the registry."""

    async def send(self, contact: Address, letter: Letter) -> Outcome:
        """One attempt; never raises for what the other side does."""
