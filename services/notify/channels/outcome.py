"""Types of channels: outcome of an attempt, address, letter."""

from typing import Literal, NamedTuple, Protocol

Fate = Literal["ok", "temporary", "permanent", "unknown"]


class AttemptOutcome(NamedTuple):
    """Outcome of an attempt. `unknown`: the request left without an answer, so it may have arrived; it is not sent again."""

    fate: Fate
    code: str


class ContactAddress(NamedTuple):
    """A person's contact point."""

    address: str
    secret: str


class Letter(NamedTuple):
    """A rendered notice, under the id of its delivery, which is the same in all attempts."""

    delivery: str
    notice: str
    notice_type: str
    entity: str
    language: str
    title: str
    body: str


class Channel(Protocol):
    """A way to reach people."""

    async def send(self, contact: ContactAddress, letter: Letter) -> AttemptOutcome:
        """Makes one attempt; never raises for an error of the other side."""
