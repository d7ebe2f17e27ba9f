"""Two instances of a service: one is stopped between commit and append, and the other takes over its lease."""

import asyncio
import sqlite3
import time
from contextlib import closing

import psutil
import pytest

from microgov.services.chassis.store import lease_row
from tests.rig.conftest import RigUnderTest
from tests.rig.rig import Rig

LEASE_TIMES = 3
"""For how many times the duration of a lease the first instances stay stopped."""


def is_stopped(rig: Rig, name: str) -> bool:
    """Whether the process is stopped by a signal."""
    return bool(psutil.Process(rig.pid(name)).status() == psutil.STATUS_STOPPED)


def holds_file_lock(rig: Rig, service: str) -> bool:
    """Whether the stopped process holds the lock of its SQLite file, so that no other process can take over."""
    url = rig.engines[service].url
    if url.get_backend_name() != "sqlite":
        return False
    with closing(sqlite3.connect(str(url.database), timeout=0.3, isolation_level=None)) as c:
        try:
            c.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


async def wait_until_stopped(rig: Rig, service: str) -> None:
    """Waits until the first instance is stopped without a lock that keeps the second one from taking over."""
    for _ in range(5):
        await rig.until(lambda: is_stopped(rig, service), f"{service} does not fall asleep")
        if not holds_file_lock(rig, service):
            return
        rig.arm(service, "after_commit:1:stop")
        psutil.Process(rig.pid(service)).resume()
        await rig.loader.send(rig.loader.mixture(20))
    raise AssertionError(f"{service} falls asleep with the lock in its hands, again and again")


async def stop_and_resume(tried: RigUnderTest, point: str) -> None:
    """Starts a second instance of each service; the first ones are stopped for three lease times, and then resumed."""
    rig = tried.rig
    before = {service: rig.epoch(service) for service in rig.services}
    for n, service in enumerate(reversed(rig.services), 1):
        rig.run(f"{service}-2", service)
        rig.arm(service, f"{point}:{n}:stop")
    await rig.loader.send(rig.loader.mixture(tried.load), burst=20)
    for service in rig.services:
        await wait_until_stopped(rig, service)
    woken_at = time.monotonic() + LEASE_TIMES * lease_row.LEASE_MS / 1000
    while time.monotonic() < woken_at:
        await rig.loader.send(rig.loader.mixture(20), burst=20)
        await asyncio.sleep(0.5)
    for service in rig.services:
        assert rig.epoch(service) > before[service], f"nobody has taken over {service}"
        psutil.Process(rig.pid(service)).resume()
    await rig.loader.send(rig.loader.mixture(20), burst=20)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after_commit", pytest.param("before_publish", marks=pytest.mark.rig)])
async def test_an_instance_resumed_after_a_takeover_repeats_no_event_and_changes_no_order(
    tried: RigUnderTest, point: str
) -> None:
    await tried.ready()

    try:
        await stop_and_resume(tried, point)
        await tried.clean()
    finally:
        before = {service: tried.rig.epoch(service) for service in tried.rig.services}
        for service in before:
            tried.rig.end(f"{service}-2")
    await tried.rig.until(
        lambda: all(tried.rig.epoch(s) > was for s, was in before.items()), "the first do not take over"
    )
