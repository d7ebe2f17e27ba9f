"""Types that all notification channels use: the outcome of an attempt, an address, a letter."""

from typing import Literal, NamedTuple, Protocol

Fate = Literal["ok", "temporary", "permanent", "unknown"]


class AttemptOutcome(NamedTuple):
    """The outcome of an attempt. `unknown`: the request was sent but not answered, so it may have arrived; it is not sent
    again. `reason`: an operator's words, if there are any.
    """

    fate: Fate
    code: str
    reason: str | None = None


class ContactAddress(NamedTuple):
    """The address and the secret of a person's contact point."""

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
    """A notification channel other than the inbox, such as a webhook."""

    async def send(self, contact: ContactAddress, letter: Letter) -> AttemptOutcome:
        """Makes one attempt to deliver the letter. An error of the receiver or the network is returned as an outcome, not
        raised.
        """
