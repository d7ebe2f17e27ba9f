"""The real application as a process: it ends if it cannot continue, and one tenant's error does not end the others."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.chassis.conftest import LIMIT, Start
from tests.chassis.failing_service import BUSY, HOLDING, SLOW
from tests.chassis.service_process import Process, files, tenant
from tests.support.servers import NatsServer, PostgresServer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("title", [BUSY, HOLDING])
async def test_a_handler_that_never_ends_kills_the_process_and_is_quarantined_the_third_time(
    title: str, nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    of = await tenant(nats_server.url, files(tmp_path), tmp_path, f"stuck-{title}")
    process = start(nats_server.url, files(tmp_path)).ready()

    await of.submit("fine", title, "fine too")

    deaths = 0
    while "issue_submitted" not in await of.events_about("i-3"):
        assert await asyncio.to_thread(process.ended, LIMIT + 15) != 0
        deaths += 1
        assert deaths <= 4
        process.start()
        async with asyncio.timeout(LIMIT + 15):
            while process.running is not None and process.running.poll() is None:
                if "issue_submitted" in await of.events_about("i-3"):
                    break
                await asyncio.sleep(0.2)
    assert deaths >= 3
    assert await of.events_about("i-2") == ["message_quarantined"]
    assert "issue_submitted" in await of.events_about("i-1")
    assert "submit_issue" in process.log
    assert "Thread 0x" in process.log  # the stacks name who computed


async def test_a_handler_slower_than_the_timeout_of_postgresql_is_quarantined(
    nats_server: NatsServer, postgres: PostgresServer, tmp_path: Path, start: Start
) -> None:
    for service in ("gateway", "issues"):
        postgres.create(f"{service}_slow")
    database = postgres.url("{service}_slow")
    of = await tenant(nats_server.url, database, tmp_path, "slow")
    process = start(nats_server.url, database, MICROGOV_STUCK_SECONDS="30").ready()
    assert process.running is not None

    await of.submit("fine", SLOW, "fine too")

    await of.wait_for_event("i-3", within=60)
    assert await of.events_about("i-2") == ["message_quarantined"]
    assert "issue_submitted" in await of.events_about("i-1")
    assert process.running.poll() is None
    process.ready()


async def test_a_process_that_hangs_too_long_ends_and_prints_the_stacks_of_its_threads(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "still")
    process = start(nats_server.url, files(tmp_path)).ready()
    assert process.running is not None

    process.running.send_signal(signal.SIGSTOP)
    await asyncio.sleep(LIMIT + 1)
    process.running.send_signal(signal.SIGCONT)

    assert process.ended(15) != 0
    assert "Timeout (" in process.log or "stood still" in process.log
    assert "Thread 0x" in process.log


async def test_a_process_whose_health_check_hangs_ends(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "deaf")
    process = start(nats_server.url, files(tmp_path)).ready()

    (tmp_path / "sick.deaf").touch()

    assert process.ended(40) != 0
    assert "Timeout (" in process.log
    assert "Thread 0x" in process.log


async def test_a_computing_thread_does_not_delay_an_orderly_stop(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    of = await tenant(nats_server.url, files(tmp_path), tmp_path, "stop")
    process = start(nats_server.url, files(tmp_path), MICROGOV_STUCK_SECONDS="60").ready()
    assert process.running is not None
    await of.submit(BUSY)
    await asyncio.sleep(1)

    process.running.terminate()

    assert process.ended(8) != 0


async def test_an_unexpected_error_restarts_only_its_tenant(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    sick = await tenant(nats_server.url, files(tmp_path), tmp_path, "sick")
    well = await tenant(nats_server.url, files(tmp_path), tmp_path, "well")
    process = start(nats_server.url, files(tmp_path)).ready()

    (tmp_path / "sick").touch()

    process.wait_until_unhealthy("nobody foresaw this")
    await well.submit("fine")
    await well.wait_for_event("i-1")
    (tmp_path / "sick").unlink()
    await sick.submit("fine")
    await sick.wait_for_event("i-1", within=30)
    process.ready()


async def test_no_tenant_that_could_be_started_ends_the_process(
    nats_server: NatsServer, tmp_path: Path, start: Start
) -> None:
    await tenant(nats_server.url, files(tmp_path), tmp_path, "damaged")
    file = tmp_path / "issues" / "damaged.sqlite"
    file.write_bytes(b"garbage" * 80 + file.read_bytes()[560:])

    process = start(nats_server.url, files(tmp_path), NOBODY="6")

    process.wait_until_unhealthy("file is not a database", within=6)
    assert process.ended(20) != 0
    assert "no tenant could be started" in process.log


@pytest.mark.parametrize(
    ("tenants", "limit", "said"),
    [("[tenants\n", "60", "tenants.toml"), ("[tenants]\n", "soon", "MICROGOV_STUCK_SECONDS")],
)
def test_settings_that_cannot_be_used_end_the_process_with_a_sentence(
    tenants: str, limit: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "tenants.toml").write_text(tenants)
    env = {"MICROGOV_TENANTS": str(tmp_path / "tenants.toml"), "MICROGOV_STUCK_SECONDS": limit}

    process = Process(tmp_path, env, "microgov.services.issues.app:make_app").start()

    assert process.ended(20) != 0
    assert said in process.log
    assert "Traceback" not in process.log
