"""The proxy cuts connections between request and answer, and drops frames: the ledger stays clean."""

import asyncio
import time

import pytest

from tests.rig.conftest import THOROUGH, RigUnderTest
from tests.rig.proxy import SWALLOWED, FrameFaults


async def send_through_proxy(tried: RigUnderTest, faults: FrameFaults, hits: int) -> None:
    """Sends messages through the proxy until it has caused this number of faults, then ends the faults."""
    rig, until = tried.rig, time.monotonic() + 15
    rig.proxy.faults = faults
    while sum(faults.done.values()) < hits and time.monotonic() < until:
        await rig.loader.send(rig.loader.mixture(tried.load // 10), burst=20)
        await asyncio.sleep(0.05)
    rig.proxy.end_faults()
    assert sum(faults.done.values()) >= hits, f"the proxy has had no occasion: {faults.done}"


async def test_a_connection_cut_between_request_and_answer(tried: RigUnderTest) -> None:
    await tried.ready()
    cuts = 20 if tried.thorough else 4

    await send_through_proxy(tried, FrameFaults(cut_answers=cuts), cuts // 2)

    await tried.clean()


async def test_frames_of_every_kind_are_swallowed(tried: RigUnderTest) -> None:
    """One frame of each kind is dropped, at random."""
    await tried.ready()
    faults = FrameFaults(swallow=dict.fromkeys(SWALLOWED, 1), share=0.5)

    await send_through_proxy(tried, faults, 4)

    await tried.clean()


@pytest.mark.parametrize("tried", THOROUGH, indirect=True)
@pytest.mark.parametrize("kind", SWALLOWED)
async def test_several_frames_of_one_kind_are_swallowed(tried: RigUnderTest, kind: str) -> None:
    await tried.ready()

    seldom = kind in ("pulls", "statuses")

    await send_through_proxy(
        tried, FrameFaults(swallow={kind: 2 if seldom else 5}, share=1.0 if seldom else 0.1), 1
    )

    await tried.clean()


async def test_a_connection_that_stalls_and_is_then_cut(tried: RigUnderTest) -> None:
    await tried.ready()
    rig = tried.rig
    sending = asyncio.create_task(rig.loader.send(rig.loader.mixture(tried.load), burst=20))
    await asyncio.sleep(0.1)

    rig.proxy.faults = FrameFaults(stalled=True)
    await asyncio.sleep(tried.random.uniform(0.5, 4.0 if tried.thorough else 1.0))
    rig.proxy.cut()
    rig.proxy.end_faults()
    await sending

    await tried.clean()
