"""Random faults, several at a time, repeated ROUNDS times (environment variable, default 3); SEED=n repeats a run."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable

import pytest
from rich.progress import track

from tests.rig.conftest import THOROUGH, RigUnderTest
from tests.rig.proxy import SWALLOWED, FrameFaults
from tests.rig.test_faults import POINTS

ROUNDS = int(os.environ.get("ROUNDS", "3"))


async def kill_at_fault_point(tried: RigUnderTest, chance: random.Random) -> None:
    """Orders that a random service be killed at a random fault point."""
    tried.rig.arm(chance.choice(tried.rig.services), f"{chance.choice(POINTS)}:{chance.randint(1, 6)}:kill")


async def kill_anywhere(tried: RigUnderTest, chance: random.Random) -> None:
    """Kills a random service at once."""
    await tried.rig.kill(chance.choice(tried.rig.services))


async def kill_broker(tried: RigUnderTest, chance: random.Random) -> None:
    """Kills the broker, and restarts it within half a second."""
    tried.rig.nats.kill()
    await asyncio.sleep(chance.uniform(0, 0.5))
    await asyncio.to_thread(tried.rig.nats.start)


async def cut_connections(tried: RigUnderTest, chance: random.Random) -> None:
    """Cuts all connections at the same time."""
    tried.rig.proxy.cut()


async def drop_frames(tried: RigUnderTest, chance: random.Random) -> None:
    """Drops one to five frames of a random kind."""
    tried.rig.proxy.faults = FrameFaults(swallow={chance.choice(SWALLOWED): chance.randint(1, 5)}, share=0.1)
    await asyncio.sleep(chance.uniform(0.2, 1.5))
    tried.rig.proxy.end_faults()


async def cut_before_answer(tried: RigUnderTest, chance: random.Random) -> None:
    """Cuts one to five connections just before the answer to an append."""
    tried.rig.proxy.faults = FrameFaults(cut_answers=chance.randint(1, 5))
    await asyncio.sleep(chance.uniform(0.2, 1.0))
    tried.rig.proxy.end_faults()


Fault = Callable[[RigUnderTest, random.Random], Awaitable[None]]
FAULTS: tuple[Fault, ...] = (
    kill_at_fault_point,
    kill_at_fault_point,
    kill_anywhere,
    kill_broker,
    cut_connections,
    drop_frames,
    cut_before_answer,
)


async def cause_random_faults(tried: RigUnderTest, chance: random.Random) -> None:
    """Sends messages, causes two to four faults meanwhile, and checks the ledger."""
    sending = asyncio.create_task(
        tried.rig.loader.send(tried.rig.loader.mixture(tried.load), burst=20, pause=0.05)
    )
    for _ in range(chance.randint(2, 4)):
        await asyncio.sleep(chance.uniform(0.0, 0.8))
        await chance.choice(FAULTS)(tried, chance)
    await sending
    for name in tried.rig.services:
        (tried.rig.folder / f"{name}.points").unlink(missing_ok=True)
    await tried.clean()


@pytest.mark.rig
@pytest.mark.parametrize("tried", THOROUGH, indirect=True)
async def test_rounds_of_random_faults(tried: RigUnderTest, seed: int) -> None:
    await tried.ready()
    for n in track(range(ROUNDS), "rounds"):
        tried.clean_so_far = False
        await cause_random_faults(tried, random.Random(seed * 1000 + n))
