"""The /health of the real application while broker, database or lease are missing, hang, or belong to another process."""

import asyncio
import json
import sqlite3
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.chassis.conftest import Start
from tests.chassis.service_process import Process, Tenant, eventually, files, tenant
from tests.support.ports import free_port
from tests.support.servers import NatsServer, PostgresServer, suspend

pytestmark = pytest.mark.slow


async def test_a_service_waits_for_a_missing_database_and_health_reports_it(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    with PostgresServer() as server:
        for service in ("gateway", "issues"):
            server.create(f"{service}_away")
        of = await tenant(nats_server.url, server.url("{service}_away"), tmp_path, "away")
        server.stop()
        process = start(nats_server.url, server.url("{service}_away"))
        process.wait_until_unhealthy("the database has not answered yet")

        server.start()
        process.ready()

        server.stop()
        process.wait_until_unhealthy("the database has not answered for", within=8)
        server.start()
        process.ready()
        await of.submit("fine")
        await of.wait_for_event("i-1")

        paused = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        for one in paused:
            one.suspend()
        process.wait_until_unhealthy("the database has not answered for", within=8)
        lines = [json.loads(line) for line in process.log.splitlines() if line.startswith("{")]
        assert [one["what"] for one in lines if "the database" in one["what"]][-3:] == [
            "the database does not answer",
            "the database answers again",
            "the database does not answer",
        ]
        for one in paused:
            one.resume()
        process.ready(within=45)


CREDENTIALS = """
jetstream {{ store_dir: "{store}" }}
accounts {{ HOUSE {{ jetstream: enabled, users: [
  {{ user: admin, password: admin }}, {{ user: issues, password: "{password}" }} ] }} }}
no_auth_user: admin
"""


@pytest.mark.parametrize("wrong", ["the broker", "the file"])
async def test_credentials_that_are_refused_at_first_are_tried_again(
    wrong: str, tmp_path: Path, start: Start
) -> None:
    """Either the secret or the server is corrected: the secret is read again at each attempt."""
    secret, folder = tmp_path / "password", tmp_path / "nats"
    at_first = {"the broker": ("wrong", "right"), "the file": ("right", "wrong")}[wrong]
    secret.write_text(at_first[1])
    with NatsServer(folder, CREDENTIALS.format(store=folder / "store", password=at_first[0])) as server:
        await tenant(server.url, files(tmp_path), tmp_path, "shut")
        process = start(
            server.url, files(tmp_path), MICROGOV_NATS_USER="issues", MICROGOV_NATS_PASSWORD_FILE=str(secret)
        )
        process.wait_until_unhealthy("Authorization Violation")

        secret.write_text("right")
        if wrong == "the broker":
            server.config.write_text(CREDENTIALS.format(store=folder / "store", password="right"))
            server.restart()

        process.ready()


async def test_a_database_password_that_is_changed_is_read_again(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    secret = tmp_path / "password"
    secret.write_text("first")
    with PostgresServer() as server:
        for service in ("gateway", "issues"):
            server.create(f"{service}_changed")
        await tenant(nats_server.url, server.url("{service}_changed"), tmp_path, "changed")
        asks_for_password(server, "other")
        process = start(
            nats_server.url, server.url("{service}_changed"), MICROGOV_DATABASE_PASSWORD_FILE=str(secret)
        )
        process.wait_until_unhealthy("password authentication failed")

        secret.write_text("other")

        process.ready()


def asks_for_password(server: PostgresServer, password: str) -> None:
    """Makes the server ask for a password, which it did not before."""
    with psycopg.connect(server.url().replace("+psycopg", "", 1), autocommit=True) as c:
        c.execute(f"ALTER USER postgres PASSWORD '{password}'".encode())
        (server.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        c.execute("SELECT pg_reload_conf()")


async def test_a_service_is_unhealthy_while_the_broker_is_away_or_hangs(tmp_path: Path, start: Start) -> None:
    with NatsServer(tmp_path / "nats") as server:
        await tenant(server.url, files(tmp_path), tmp_path, "gone")
        process = start(server.url, files(tmp_path)).ready()

        server.kill()
        process.wait_until_unhealthy("the broker has not answered for", within=10)
        server.start()
        process.ready()
        lines = [json.loads(line)["what"] for line in process.log.splitlines() if line.startswith("{")]
        assert lines.count("the broker does not answer") == lines.count("the broker answers again") == 1
        assert "starts again" not in lines
        assert "runs again" not in lines

        suspend(server.pid)
        process.wait_until_unhealthy("the broker has not answered for", within=12)
        psutil.Process(server.pid).resume()
        process.ready()


async def test_a_stand_by_process_is_healthy_and_takes_over_within_eight_seconds(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "two")
    first = start(nats_server.url, files(tmp_path)).ready()
    second = Process(tmp_path, first.environment | {"NOBODY": "3"}, port=free_port()).start()
    try:
        eventually(lambda: second.health()[0] == 200, 15, "the second one stands by")
        await asyncio.sleep(6)  # for twice as long as a process without any tenant may live
        assert not second.health()[1]["tenants"]["issues/two"]["active"]
        begun = time.monotonic()

        first.kill()

        second.ready(within=10)
        assert time.monotonic() - begun < 8
    finally:
        second.kill()


async def test_a_lease_that_ends_too_far_in_the_future_counts_as_expired(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    of: Tenant = await tenant(nats_server.url, files(tmp_path), tmp_path, "future")
    process = start(nats_server.url, files(tmp_path)).ready()
    process.kill()
    with sqlite3.connect(tmp_path / "issues" / "future.sqlite") as c:
        c.execute("UPDATE lease SET holder = 'dead', until = until + 3600000")
    c.close()

    process.start().ready(within=10)

    await of.submit("fine")
    await of.wait_for_event("i-1")
