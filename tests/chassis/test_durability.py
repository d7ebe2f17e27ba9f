"""Settings of broker or database that could lose acknowledged data in a power failure are refused at the start."""

import sqlite3
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from microgov.client.idle import check_no_broker
from microgov.services.chassis.errors import Again, LogDiffers, Problem
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store import engine as database
from microgov.services.chassis.store.durability import must_be_durable
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.time_limits import ANSWER, TimeLimitedConnection, patient
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.gateway.door.durability import must_be_durable as broker_must_be_durable
from microgov.services.gateway.tenants.setup import add_tenant
from tests.chassis.conftest import Start
from tests.chassis.service_process import files, tenant
from tests.support.ports import free_port
from tests.support.servers import NatsServer, PostgresServer, suspend


def test_a_sqlite_file_that_could_lose_commits_is_refused(tmp_path: Path) -> None:
    made = engine(f"sqlite:///{tmp_path}/x.sqlite")
    must_be_durable(made)

    @sa.event.listens_for(made, "connect")
    def careless(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    made.dispose()
    with pytest.raises(LogDiffers, match="synchronous is 0"):
        must_be_durable(made)
    made.dispose()


def test_a_postgresql_that_could_lose_commits_is_refused(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.create("durable")
    made = engine(url)
    must_be_durable(made)
    made.dispose()

    careless = database._PG_OPTIONS.replace("synchronous_commit=on", "synchronous_commit=off")
    monkeypatch.setattr(database, "_PG_OPTIONS", careless)
    made = engine(url)
    with pytest.raises(LogDiffers, match="synchronous_commit is off"):
        must_be_durable(made)
    made.dispose()


@pytest.mark.parametrize("always", [True, False])
async def test_a_broker_that_could_lose_acknowledged_messages_is_refused(
    always: bool, tmp_path: Path
) -> None:
    credentials, port = Credentials(tmp_path / "nats", tmp_path / "secrets"), free_port()
    credentials.prepare(("donghu",))
    credentials.write_server(port=port, store_dir=str(tmp_path / "store"))
    text = (tmp_path / "nats/nats.conf").read_text()
    with NatsServer(
        tmp_path / "nats", text if always else text.replace("sync_interval: always, ", ""), port
    ) as server:
        bus = await Bus.connect(BrokerAddress(server.url, "gateway", credentials.secret("gateway")))
        if always:
            await broker_must_be_durable(bus)
        else:
            with pytest.raises(LogDiffers, match="sync_interval: always"):
                await broker_must_be_durable(bus)
        await bus.close()


async def test_a_broker_that_hangs_is_asked_again_and_counts_as_running(tmp_path: Path) -> None:
    credentials, port = Credentials(tmp_path / "nats", tmp_path / "secrets"), free_port()
    credentials.prepare(("donghu",))
    credentials.write_server(port=port, store_dir=str(tmp_path / "store"))
    with NatsServer(tmp_path / "nats", (tmp_path / "nats/nats.conf").read_text(), port) as server:
        settings = Settings(nats_url=server.url, secrets=tmp_path / "secrets")
        bus = await Bus.connect(BrokerAddress(server.url, "gateway", credentials.secret("gateway")))
        suspend(server.pid)
        try:
            with pytest.raises(Again):
                await broker_must_be_durable(bus)
            with pytest.raises(Problem, match="The system is running"):
                await check_no_broker(settings)
        finally:
            psutil.Process(server.pid).resume()
            await bus.close()


def test_every_statement_has_a_timeout(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimeLimitedConnection, "answer", 1.0)
    made, begun = engine(postgres.create("endless")), time.monotonic()
    with pytest.raises(sa.exc.OperationalError, match="has not answered within 1 s"), made.connect() as c:
        c.execute(sa.text("SELECT pg_sleep(20)"))
    assert time.monotonic() - begun < 5
    made.dispose()


def set_full_page_writes(server: PostgresServer, value: str) -> None:
    with psycopg.connect(server.url().replace("+psycopg", "", 1), autocommit=True) as c:
        c.execute(f"ALTER SYSTEM SET full_page_writes = {value}".encode())
        c.execute("SELECT pg_reload_conf()")


@pytest.mark.slow
async def test_a_service_does_not_start_on_a_database_that_would_lose_commits(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    with PostgresServer() as server:
        for service in ("gateway", "issues"):
            server.create(f"{service}_careless")
        await tenant(nats_server.url, server.url("{service}_careless"), tmp_path, "careless")
        set_full_page_writes(server, "off")
        process = start(nats_server.url, server.url("{service}_careless"))
        process.wait_until_unhealthy("full_page_writes is off")
        set_full_page_writes(server, "on")
        process.ready(within=40)


@pytest.mark.slow
async def test_a_gateway_does_not_serve_on_a_broker_that_would_lose_what_it_acknowledged(
    tmp_path: Path, start: Start
) -> None:
    credentials, port, user = Credentials(tmp_path / "nats", tmp_path / "secrets"), free_port(), "gateway"
    credentials.prepare(("donghu",))
    credentials.write_server(port=port, store_dir=str(tmp_path / "store"))
    durable = (tmp_path / "nats/nats.conf").read_text()
    password, tenants = tmp_path / "secrets" / f"nats_{user}", tmp_path / "tenants.toml"
    with NatsServer(tmp_path / "nats", durable.replace("sync_interval: always, ", ""), port) as server:
        await add_tenant(
            "donghu",
            Settings(
                nats_url=server.url,
                nats_user=user,
                nats_password_file=password,
                database=files(tmp_path),
                tenants=tenants,
            ),
        )
        process = start(
            server.url,
            files(tmp_path),
            "microgov.services.gateway.app:make_app",
            MICROGOV_NATS_USER=user,
            MICROGOV_NATS_PASSWORD_FILE=str(password),
            MICROGOV_SECRETS=str(tmp_path / "secrets"),
            MICROGOV_PUBLISHERS=str(tmp_path / "nats"),
        )
        process.wait_until_unhealthy("sync_interval: always")
        server.config.write_text(durable)
        server.restart()
        process.ready(within=40)


def test_the_longer_timeout_of_a_migration_ends_with_the_migration(postgres: PostgresServer) -> None:
    made = engine(postgres.create("patient"))
    with made.connect() as c:
        driver = c.connection.driver_connection
        assert isinstance(driver, TimeLimitedConnection)
        with pytest.raises(ZeroDivisionError), patient(c, 3600):
            assert driver.answer == 3600
            raise ZeroDivisionError
        assert driver.answer == ANSWER
    made.dispose()


def test_a_connection_returned_after_the_engine_was_disposed_is_closed(postgres: PostgresServer) -> None:
    made = engine(postgres.create("late"))
    late = made.connect()
    driver = late.connection.driver_connection
    made.dispose()
    assert isinstance(driver, TimeLimitedConnection)
    assert not driver.closed

    late.close()

    assert driver.closed
    with made.connect() as c:  # the engine itself goes on
        kept = c.connection.driver_connection
    assert isinstance(kept, TimeLimitedConnection)
    assert not kept.closed
    made.dispose()
    assert kept.closed
