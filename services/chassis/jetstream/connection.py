"""A connection to the broker for one loop. It never reconnects by itself: after a disconnect the loop restarts, opens a new
connection and checks everything again.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Self

import nats.errors

from microgov.services.chassis.errors import Again, Away, Denied
from microgov.services.chassis.jetstream.raw_client import RawClient


class ApiError(Again):
    """JetStream answered with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code


@dataclass(frozen=True)
class BrokerAddress:
    """The broker's address, and the credentials to log in with: a user with a password, or the seed of an nkey."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seed: str | None = field(default=None, repr=False)


def _identity(address: BrokerAddress) -> dict[str, Any]:
    """The arguments with which nats-py logs in."""
    if address.seed is not None:
        return {"nkeys_seed_str": address.seed}
    return {"user": address.user, "password": address.password or ""} if address.user is not None else {}


class Bus:
    """One connection, for one loop. `denied`: the broker's last error "permissions violation". `asking`: for each request
    that has no answer yet, its subject (lower case) → a future that is set if the broker refuses the request.
    """

    def __init__(self) -> None:
        self.nc = RawClient()
        self.denied: str | None = None
        self.asking: dict[str, asyncio.Future[None]] = {}

    @classmethod
    async def connect(cls, address: BrokerAddress, name: str = "microgov") -> Self:
        """Connects. Raises Away if the broker cannot be reached."""
        bus = cls()
        inbox = f"_INBOX.{address.user}" if address.user else "_INBOX"
        try:
            await bus.nc.connect(
                address.url,
                **_identity(address),
                allow_reconnect=False,
                connect_timeout=2,
                max_reconnect_attempts=1,
                reconnect_time_wait=0.02,  # type: ignore[arg-type]  # seconds; otherwise nats-py would look for a server for two minutes
                error_cb=bus._error,
                ping_interval=2,
                max_outstanding_pings=2,
                name=name,
                inbox_prefix=inbox,
                flusher_queue_size=4096,
                pending_size=64 << 20,
            )
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Away(f"the broker at {address.url} is away: {error!r}") from error
        finally:
            if not bus.nc.is_connected:
                bus.nc.hang_up()
        return bus

    async def _error(self, error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            self.denied = str(error)
            for subject, refused in self.asking.items():
                if f'"{subject}"' in self.denied.lower() and not refused.done():
                    refused.set_result(None)

    async def ask(self, subject: str, body: bytes = b"", seconds: float = 3.0) -> bytes:
        """Sends a request and returns the answer. Raises Again if no answer comes within `seconds`, and Denied at once if
        the broker refuses the request.
        """
        refused = self.asking.setdefault(subject.lower(), asyncio.get_running_loop().create_future())
        request = asyncio.ensure_future(self.nc.request(subject, body, timeout=seconds))
        try:
            either: set[asyncio.Future[Any]] = {request, refused}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                raise Denied(f"{subject}: {self.denied}")
            return request.result().data
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Again(f"{subject}: {self.denied or repr(error)}") from error
        finally:
            request.cancel()
            self.asking.pop(subject.lower(), None)

    async def api(self, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Sends a request to JetStream's API and returns the parsed answer. Raises ApiError if the answer is an error, and
        what `ask` raises.
        """
        answer: dict[str, Any] = json.loads(
            await self.ask(f"$JS.API.{what}", json.dumps(body or {}).encode())
        )
        if "error" in answer:
            raise ApiError(answer["error"].get("err_code", 0), answer["error"].get("description", ""))
        return answer

    async def close(self) -> None:
        """Closes the connection within two seconds; raises nothing."""
        closing = asyncio.ensure_future(self.nc.close())
        await asyncio.wait({closing}, timeout=2)
        closing.cancel()
        await asyncio.gather(*({closing} if closing.done() else ()), return_exceptions=True)
