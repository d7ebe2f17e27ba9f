"""Versions of a message. A log holds messages in the versions in which they were sent; handlers see the newest one.

    class CosignIssue(Command, roles=RESIDENTS_AND_STAFF, version=2, since=4):
        channel: Channel | None = None

    class CosignIssueV1(Command, newer=CosignIssue):
        channel: Channel

        def upgrade(self) -> CosignIssue:
            return CosignIssue(channel=self.channel)

`newer` names the next version; name, version and senders of the older one follow from it. `upgrade` is a pure function.
"""

from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def newest(m: M) -> M:
    """The message (an Envelope or an Incoming) with its data in the newest version; its `type` stays as it was sent."""
    data: Any = m.data  # type: ignore[attr-defined]  # both kinds have data
    if data.NEWER is None:
        return m
    while data.NEWER is not None:
        data = data.upgrade()
    return m.model_copy(update={"data": data})


class Versioned(Protocol):
    """A class of messages (message.py, which imports this module)."""

    TYPE: str
    OLDER: Any


def types_of(message: Versioned) -> tuple[str, ...]:
    """The type names under which a message stands in logs: its own, and those of its older versions."""
    return (message.TYPE, *(name for older in message.OLDER for name in types_of(older)))
