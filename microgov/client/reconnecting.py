"""Connection of an operator to the broker, opened again after a cut."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self, TypeVar

from microgov.client.connection import BrokerAway, broker_problem, connect, no_tenant
from microgov.client.waiting import MOMENT, WaitingMessage
from microgov.contracts.registry import every_message
from microgov.services.chassis.errors import Again, Denied
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.permissions import OPERATOR

PATIENCE, NO_STREAM = 20.0, 10059
"""How many seconds a request is repeated while the broker is away; JetStream's error code for a missing stream."""
T = TypeVar("T")


class ReconnectingClient:
    """Connection to the log of one tenant, an async context manager. Raises NoTenant if there is no such tenant.

    `waiting` shows on the terminal what the program waits for.
    """

    def __init__(self, settings: Settings, tenant: str, waiting: WaitingMessage | None = None) -> None:
        every_message()
        self.settings, self.tenant, self.waiting = settings, tenant, waiting or WaitingMessage()
        self.bus = Bus()

    async def __aenter__(self) -> Self:
        await self._connect()
        try:
            await self.end()
        except Again as error:  # other errors are retried by the next request
            if isinstance(error, Denied) or (isinstance(error, ApiError) and error.code == NO_STREAM):
                await self.close()
                raise no_tenant(self.settings, self.tenant) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _connect(self) -> None:
        self.bus = await connect(self.settings, OPERATOR, self.waiting)

    async def close(self) -> None:
        """Closes the connection."""
        await self.bus.close()

    async def _patiently(self, what: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
        """Calls `what`, and again on a new connection while the broker is away, for up to `patience` seconds."""
        begun = time.monotonic()
        while True:
            try:
                return await what()
            except Again as error:
                if time.monotonic() > begun + patience:
                    raise broker_problem(self.settings, error) from error
            if time.monotonic() > begun + MOMENT:
                self.waiting.show_once("正在等待消息服务器……", "Waiting for the broker …")
            await self.close()
            await asyncio.sleep(0.2)
            with suppress(BrokerAway):
                await self._connect()

    async def back(self, patience: float = PATIENCE) -> None:
        """Waits until the broker gives the log again, on a new connection if need be, for up to `patience` seconds."""
        await self._patiently(self.end, patience)

    async def end(self) -> int:
        """The sequence of the last message in the log."""
        return await JetStreamLog(self.bus, self.tenant).end()
