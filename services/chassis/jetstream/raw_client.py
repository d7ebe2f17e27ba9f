"""nats-py's client with three operations that need private parts of nats-py: `take`, `write` and `hang_up`. Private parts of
nats-py are used in this file and nowhere else, and nats-py is pinned to one minor version for this reason
(pyproject.toml). tests/chassis/test_raw_client.py uses the three operations on a real broker, and fails when a new version
has changed the private parts.

"""

from collections.abc import Awaitable, Callable, Iterable

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

Taker = Callable[[bytes, bytes, bytes, bytes], Awaitable[None]]
"""A function that gets each message of a subscription: subject, reply subject, data, headers (empty if there are none)."""


class RawClient(Client):
    """A client that can pass messages on as they arrive and write ready-made frames, at about half of nats-py's cost."""

    def __init__(self) -> None:
        super().__init__()
        self._takers: dict[int, Taker] = {}

    async def take(self, subject: str, take: Taker) -> Subscription:
        """Subscribes; `take` is called with each message at once and in order, without the subscription's queue, its task
        and the parsing of headers.
        """
        subscription = await self.subscribe(subject, cb=_nothing)
        self._takers[subscription._id] = take
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """Stops passing on messages of this subscription; the caller unsubscribes."""
        self._takers.pop(subscription._id, None)

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        take = self._takers.get(sid)
        if take is None:
            return await super()._process_msg(sid, subject, reply, data, headers)
        return await take(subject, reply, data, headers)

    async def write(self, frames: Iterable[bytes]) -> None:
        """Writes frames of the NATS protocol in one piece and waits until they are sent; `publish` would cost three times
        as much per message (headers, checks, a flush). The flush can swallow a cancellation, and it waits for ever if the
        client is closed meanwhile, so the caller must set a timeout.
        """
        await self._send_command(b"".join(frames))
        await self._flush_pending(force_flush=True)

    def hang_up(self) -> None:
        """Closes the socket, which nats-py leaves open if a connection attempt fails or is cancelled."""
        if self._transport:
            self._transport.close()  # type: ignore[no-untyped-call]  # nats-py says no type


async def _nothing(message: Msg) -> None:
    """Does nothing: nats-py requires a callback, but no message reaches it."""
