"""Two instances of a service at once, one of them asleep between commit and append while the other takes over."""

import asyncio
import time

import psutil
import pytest

from services.chassis import books
from tests.rig.conftest import Tried
from tests.rig.rig import Rig

LEASE_TIMES = 3


def asleep(rig: Rig, name: str) -> bool:
    """Whether the process stands still."""
    return bool(psutil.Process(rig.pid(name)).status() == psutil.STATUS_STOPPED)


async def wake_late(tried: Tried, point: str) -> None:
    """Both services have a stand-by; their first instances sleep for three lease times, and are woken."""
    rig = tried.rig
    before = {service: rig.epoch(service) for service in rig.services}
    for n, service in enumerate(reversed(rig.services), 1):
        rig.run(f"{service}-2", service)
        rig.arm(service, f"{point}:{n}:stop")
    await rig.loader.send(rig.loader.mixture(tried.load), burst=20)
    for service in rig.services:
        await rig.until(lambda service=service: asleep(rig, service), f"{service} does not fall asleep")  # type: ignore[misc]
    woken_at = time.monotonic() + LEASE_TIMES * books.LEASE_MS / 1000
    while time.monotonic() < woken_at:
        await rig.loader.send(rig.loader.mixture(20), burst=20)
        await asyncio.sleep(0.5)
    for service in rig.services:
        assert rig.epoch(service) > before[service], f"nobody has taken over {service}"
        psutil.Process(rig.pid(service)).resume()
    await rig.loader.send(rig.loader.mixture(20), burst=20)


@pytest.mark.parametrize("point", ["after_commit", pytest.param("before_publish", marks=pytest.mark.rig)])
async def test_one_that_wakes_late_neither_repeats_nor_overtakes(tried: Tried, point: str) -> None:
    await tried.ready()

    try:
        await wake_late(tried, point)
        await tried.clean()
    finally:
        before = {service: tried.rig.epoch(service) for service in tried.rig.services}
        for service in before:
            tried.rig.end(f"{service}-2")
    await tried.rig.until(lambda: all(tried.rig.epoch(s) > was for s, was in before.items()), "the first do not take over")
