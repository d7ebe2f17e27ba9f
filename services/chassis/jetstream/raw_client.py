"""nats-py's client, with what this project needs of its private parts. They are used in this file and nowhere else.

nats-py is pinned to one minor version for this reason (pyproject.toml). tests/chassis/test_raw_client.py uses each of the
three on a real broker, and says at once when a new version has moved something.
"""

from collections.abc import Awaitable, Callable, Iterable

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

Taker = Callable[[bytes, bytes, bytes, bytes], Awaitable[None]]
"""Gets each message of a subscription: subject, reply, data, headers (empty: none)."""


class RawClient(Client):
    """A client that can hand out messages as they arrive and write frames as they are, each at about half of the cost."""

    def __init__(self) -> None:
        super().__init__()
        self._takers: dict[int, Taker] = {}

    async def take(self, subject: str, take: Taker) -> Subscription:
        """Subscribes; `take` gets each message at once and in order. A subscription's queue, its task and the parsing of
        headers are left out.
        """
        subscription = await self.subscribe(subject, cb=_nothing)
        self._takers[subscription._id] = take
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """Ends what `take` began; unsubscribing is left to the caller."""
        self._takers.pop(subscription._id, None)

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        take = self._takers.get(sid)
        if take is None:
            return await super()._process_msg(sid, subject, reply, data, headers)
        return await take(subject, reply, data, headers)

    async def write(self, frames: Iterable[bytes]) -> None:
        """Writes frames of the protocol in one piece and waits until they are sent. `publish` costs three times as much
        for each message (headers, checks, a flush). The flush can swallow a cancellation, and waits for ever if the
        client is closed meanwhile: give it a timeout.
        """
        await self._send_command(b"".join(frames))
        await self._flush_pending(force_flush=True)

    def hang_up(self) -> None:
        """Closes the socket, which nats-py leaves open if connecting fails or is cancelled."""
        if self._transport:
            self._transport.close()  # type: ignore[no-untyped-call]  # nats-py says no type


async def _nothing(message: Msg) -> None:
    """Does nothing: nats-py requires a callback, but no message reaches it."""
