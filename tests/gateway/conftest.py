"""A nats-server with the accounts and permissions of a deployment."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.gateway.accounts.reload import reload
from microgov.services.gateway.accounts.streams import ensure, ensure_publisher, log_stream
from tests.support.ports import free_port
from tests.support.servers import NatsServer

TENANTS = ("donghu", "xihu")


class AccountsServer:
    """A server with two tenants and the publishers portal (donghu), other (xihu, a password) and cli (both)."""

    def __init__(self, folder: Path) -> None:
        self.credentials = Credentials(folder / "nats", folder / "secrets")
        port = free_port()
        self.credentials.prepare(TENANTS)
        self.credentials.write_server(port=port, store_dir=str(folder / "store"))
        self.secrets = {
            "portal": self.credentials.add("portal", ["donghu"]) or "",
            "other": self.credentials.add("other", ["xihu"], password=True) or "",
            "cli": self.credentials.secret("cli"),
        }
        self.server = NatsServer(folder / "nats", (folder / "nats/nats.conf").read_text(), port)

    @asynccontextmanager
    async def client(self, user: str) -> AsyncIterator[tuple[Client, list[str]]]:
        """A connection as this user, and a list of the subjects (in lower case) that the server has forbidden so far."""
        forbidden: list[str] = []

        async def record_forbidden(problem: Exception) -> None:
            forbidden.extend(re.findall(r'(?:publish|subscription) to "([^"]+)"', str(problem).lower()))

        client = Client()
        try:
            await client.connect(
                self.server.url,
                **self.identity(user),
                inbox_prefix=f"_INBOX.{user}",
                allow_reconnect=False,
                error_cb=record_forbidden,
            )
            yield client, forbidden
        finally:
            await client.close()

    def identity(self, user: str) -> dict[str, Any]:
        """The options with which this user connects."""
        secret = self.secrets.get(user) or self.credentials.secret(user)
        return {"nkeys_seed_str": secret} if secret.startswith("SU") else {"user": user, "password": secret}

    async def reload(self) -> int:
        """Makes the server read its configuration again; returns the number of servers that did."""
        return await reload(self.server.url, self.credentials.secret("reload"))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountsServer]:
    """A running server with all streams, shared by the tests of one module."""
    made = AccountsServer(tmp_path_factory.mktemp("deployment"))
    with made.server:
        asyncio.run(_streams(made))
        yield made


async def _streams(deployment: AccountsServer) -> None:
    """Makes the logs of both tenants and the streams of every publisher; the second call must change nothing."""
    async with deployment.client("gateway") as (client, _):
        js = client.jetstream()
        for tenant in TENANTS:
            await ensure(js, log_stream(tenant))
        for publisher in deployment.credentials.list():
            await ensure_publisher(js, publisher)
            await ensure_publisher(js, publisher)
