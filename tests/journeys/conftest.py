"""A tenant whose services run in this process, on each database, and a client of its gateway."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from microgov.client.publisher import Client
from tests.support.deployment import Deployment, deployed
from tests.support.servers import NatsServer, PostgresServer

NUMBERS = count(1)


@dataclass
class TenantPlace:
    """Where a tenant's services run: they can be started on these several times. `database` has {service} and {tenant}."""

    nats_url: str
    database: str
    folder: Path
    tenant: str


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, nats_server: NatsServer, tmp_path: Path) -> TenantPlace:
    tenant = f"journey{next(NUMBERS)}"
    if request.param == "sqlite":
        return TenantPlace(
            nats_server.url, f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite", tmp_path, tenant
        )
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return TenantPlace(nats_server.url, postgres.url("{service}_{tenant}"), tmp_path, tenant)


@dataclass
class RunningTenant:
    """The running services of a tenant, and a client that sends through the gateway."""

    deployment: Deployment
    client: Client


@pytest.fixture
async def running(place: TenantPlace) -> AsyncIterator[RunningTenant]:
    where = (place.nats_url, place.database, place.folder, place.tenant)
    async with deployed(*where) as deployment, Client(deployment.settings, place.tenant) as client:
        yield RunningTenant(deployment, client)
