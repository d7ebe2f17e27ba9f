"""The real application, started as users start it: it ends where it cannot go on, and its health is true."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.chassis.alive import Process, Tenant, eventually, tenant
from tests.chassis.sick import BUSY, HOLDING, SLOW
from tests.servers import NatsServer, PostgresServer, free_port

LIMIT = 3.0
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the sick service with these settings; what runs is killed in the end."""
    made: list[Process] = []

    def begin(url: str, database: str, **more: str) -> Process:
        env = {"MICROGOV_NATS_URL": url, "MICROGOV_DATABASE": database, "MICROGOV_TENANTS": str(tmp_path / "tenants.toml"),
               "MICROGOV_STUCK_SECONDS": str(LIMIT), **more}
        made.append(Process(tmp_path, env).start())
        return made[-1]

    yield begin
    for one in made:
        one.kill()


def files(folder: Path) -> str:
    return f"sqlite:///{folder}/{{service}}/{{tenant}}.sqlite"


@pytest.mark.parametrize("title", [BUSY, HOLDING])
async def test_a_handler_that_computes_for_ever_ends_the_process_and_is_put_aside_after_three_times(
    title: str, nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    of = await tenant(nats_server.url, files(tmp_path), tmp_path, f"stuck-{title}")
    process = start(nats_server.url, files(tmp_path)).ready()

    await of.submit("fine", title, "fine too")

    deaths = 0
    while "issue_submitted" not in await of.told("i-3"):
        assert await asyncio.to_thread(process.ended, LIMIT + 15) == 1
        deaths += 1
        assert deaths <= 4
        process.start()
        async with asyncio.timeout(LIMIT + 15):
            while process.running is not None and process.running.poll() is None:
                if "issue_submitted" in await of.told("i-3"):
                    break
                await asyncio.sleep(0.2)
    assert deaths >= 3
    assert await of.told("i-2") == ["message_quarantined"] and "issue_submitted" in await of.told("i-1")
    assert "submit_issue" in process.log and "Thread 0x" in process.log  # the stacks name who computed


async def test_a_handler_outlasting_postgresqls_patience_is_put_aside_and_others_go_on(
    nats_server: NatsServer, postgres: PostgresServer, tmp_path: Path, start: Start
) -> None:
    for service in ("gateway", "issues"):
        postgres.create(f"{service}_slow")
    database = postgres.url("{service}_slow")
    of = await tenant(nats_server.url, database, tmp_path, "slow")
    process = start(nats_server.url, database, MICROGOV_STUCK_SECONDS="30").ready()
    assert process.running is not None

    await of.submit("fine", SLOW, "fine too")

    await of.says("i-3", within=60)
    assert await of.told("i-2") == ["message_quarantined"] and "issue_submitted" in await of.told("i-1")
    assert process.running.poll() is None
    process.ready()


async def test_a_process_that_stood_still_for_too_long_ends_with_all_its_stacks(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "still")
    process = start(nats_server.url, files(tmp_path)).ready()
    assert process.running is not None

    process.running.send_signal(signal.SIGSTOP)
    await asyncio.sleep(LIMIT + 1)
    process.running.send_signal(signal.SIGCONT)

    assert process.ended(5) == 1
    assert "Timeout (" in process.log and "Thread 0x" in process.log


async def test_an_orderly_stop_is_not_outlasted_by_a_thread_that_computes(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    of = await tenant(nats_server.url, files(tmp_path), tmp_path, "stop")
    process = start(nats_server.url, files(tmp_path), MICROGOV_STUCK_SECONDS="60").ready()
    assert process.running is not None
    await of.submit(BUSY)
    await asyncio.sleep(1)

    process.running.terminate()

    assert process.ended(8) == 1


async def test_what_nobody_foresaw_starts_that_tenant_again_and_only_that(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    sick = await tenant(nats_server.url, files(tmp_path), tmp_path, "sick")
    well = await tenant(nats_server.url, files(tmp_path), tmp_path, "well")
    process = start(nats_server.url, files(tmp_path)).ready()

    (tmp_path / "sick").touch()

    process.unwell("nobody foresaw this")
    await well.submit("fine")
    await well.says("i-1")
    (tmp_path / "sick").unlink()
    await sick.submit("fine")
    await sick.says("i-1", within=30)
    process.ready()


async def test_no_tenant_that_could_be_started_ends_the_process(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "damaged")
    file = tmp_path / "issues" / "damaged.sqlite"
    file.write_bytes(b"garbage" * 80 + file.read_bytes()[560:])

    process = start(nats_server.url, files(tmp_path), NOBODY="6")

    process.unwell("file is not a database", within=6)
    assert process.ended(20) == 1
    assert "no tenant could be started" in process.log


async def test_a_database_that_is_away_at_the_start_or_later_is_waited_for_and_health_says_so(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    with PostgresServer() as server:
        for service in ("gateway", "issues"):
            server.create(f"{service}_away")
        of = await tenant(nats_server.url, server.url("{service}_away"), tmp_path, "away")
        server.stop()
        process = start(nats_server.url, server.url("{service}_away"))
        process.unwell("the database has not answered yet")

        server.start()
        process.ready()

        server.stop()
        process.unwell("the database has not answered for", within=8)
        server.start()
        process.ready()
        await of.submit("fine")
        await of.says("i-1")

        paused = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        for one in paused:
            one.suspend()
        process.unwell("the database has not answered for", within=8)
        lines = [json.loads(line) for line in process.log.splitlines() if line.startswith("{")]
        assert [one["what"] for one in lines if "the database" in one["what"]][-3:] == [
            "the database does not answer", "the database answers again", "the database does not answer"]
        for one in paused:
            one.resume()
        process.ready(within=45)


CREDENTIALS = """
jetstream {{ store_dir: "{store}" }}
accounts {{ HOUSE {{ jetstream: enabled, users: [
  {{ user: admin, password: admin }}, {{ user: issues, password: "{password}" }} ] }} }}
no_auth_user: admin
"""


async def test_credentials_that_are_refused_at_first_are_tried_again(tmp_path: Path, start: Start) -> None:
    (tmp_path / "password").write_text("right")
    folder = tmp_path / "nats"
    with NatsServer(folder, CREDENTIALS.format(store=folder / "store", password="wrong")) as server:
        await tenant(server.url, files(tmp_path), tmp_path, "shut")
        process = start(server.url, files(tmp_path), MICROGOV_NATS_USER="issues",
                        MICROGOV_NATS_PASSWORD_FILE=str(tmp_path / "password"))
        process.unwell("Authorization Violation")

        server.config.write_text(CREDENTIALS.format(store=folder / "store", password="right"))
        server.restart()

        process.ready()


async def test_a_broker_that_is_gone_or_hangs_makes_it_unwell(tmp_path: Path, start: Start) -> None:
    with NatsServer(tmp_path / "nats") as server:
        await tenant(server.url, files(tmp_path), tmp_path, "gone")
        process = start(server.url, files(tmp_path)).ready()

        server.kill()
        process.unwell("the broker has not answered for", within=10)
        server.start()
        process.ready()

        psutil.Process(server.pid).suspend()
        process.unwell("the broker has not answered for", within=12)
        psutil.Process(server.pid).resume()
        process.ready()


async def test_a_stand_by_is_healthy_as_one_only_while_it_sees_the_lease(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "two")
    first = start(nats_server.url, files(tmp_path)).ready()
    second = Process(tmp_path, first.environment, port=free_port()).start()
    try:
        eventually(lambda: second.health()[0] == 200, 15, "the second one stands by")
        assert not second.health()[1]["tenants"]["issues/two"]["active"]
        begun = time.monotonic()

        first.kill()

        second.ready(within=10)
        assert time.monotonic() - begun < 8
    finally:
        second.kill()


async def test_a_lease_from_the_future_counts_as_run_out(nats_server: NatsServer, tmp_path: Path, start: Start) -> None:
    import sqlite3

    of: Tenant = await tenant(nats_server.url, files(tmp_path), tmp_path, "future")
    process = start(nats_server.url, files(tmp_path)).ready()
    process.kill()
    with sqlite3.connect(tmp_path / "issues" / "future.sqlite") as c:
        c.execute("UPDATE lease SET holder = 'dead', until = until + 3600000")
    c.close()

    process.start().ready(within=10)

    await of.submit("fine")
    await of.says("i-1")


@pytest.mark.parametrize(("tenants", "limit", "said"), [
    ("[tenants\n", "60", "tenants.toml"), ("[tenants]\n", "soon", "MICROGOV_STUCK_SECONDS"),
])
def test_settings_that_cannot_be_used_end_the_process_with_a_sentence(
    tenants: str, limit: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "tenants.toml").write_text(tenants)
    env = {"MICROGOV_TENANTS": str(tmp_path / "tenants.toml"), "MICROGOV_STUCK_SECONDS": limit}

    process = Process(tmp_path, env, "services.issues.app:make_app").start()

    assert process.ended(20) == 1
    assert said in process.log and "Traceback" not in process.log
