"""Negative controls: the ledger must detect each planted bug within twenty seeds, and is clean without the bug."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from microgov.contracts.issues import CosignIssue
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fault_points import NO_FAULTS
from microgov.services.chassis.fold.loop import FoldLoop
from microgov.services.chassis.service import several
from microgov.services.gateway.door.door import Door
from microgov.services.issues.handlers import service as issues
from tests.rig import planted_bugs
from tests.rig.fault_actions import CrashAt
from tests.rig.fold_bench import FoldBench, Parts, PausedThread
from tests.rig.gateway_bench import GatewayBench
from tests.rig.ledger import Findings
from tests.rig.proxy import FrameFaults, Proxy
from tests.support.servers import NatsServer, free_port

pytestmark = pytest.mark.rig
SEEDS = 20
POINTS = ("after_fetch", "in_transaction", "after_commit", "before_publish", "mid_publish", "after_publish")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with NatsServer(tmp_path_factory.mktemp("controls")) as server:
        yield server


@pytest.fixture
def proxy(broker: NatsServer) -> Iterator[Proxy]:
    made = Proxy(free_port(), broker.port)
    made.start()
    yield made
    made.stop()


Scenario = Callable[[FoldBench], Awaitable[Findings]]


def crashes(*places: str) -> Scenario:
    """A scenario with two crashes at random fault points of these, then a run without a crash."""

    async def scenario(bench: FoldBench) -> Findings:
        await bench.fill()
        for _ in range(2):
            points = CrashAt(bench.random.choice(places), bench.random.randint(2, 6))
            life = asyncio.create_task(bench.life(points))
            await asyncio.wait([life], timeout=2)
            await cancel_and_wait(life)
        return await bench.settle(asyncio.create_task(bench.life()))

    return scenario


anywhere = crashes(*POINTS)


async def two_at_once(bench: FoldBench) -> Findings:
    """Runs two folds at the same time."""
    await bench.fill()
    return await bench.settle(*(asyncio.create_task(bench.life()) for _ in range(2)))


async def wakes_late(bench: FoldBench, before: bool) -> Findings:
    """One fold is paused before its transaction, or between commit and append; meanwhile another one does its work."""
    await bench.fill()
    points = PausedThread()
    late = asyncio.create_task(
        bench.life(NO_FAULTS if before else points, points.before if before else _as_it_is)
    )
    await bench.calm()
    points.armed = True
    await bench.add([bench.loader.issue()])
    assert await asyncio.to_thread(points.asleep.wait, 5)
    other = asyncio.create_task(bench.life())
    await bench.calm()
    points.wake.set()
    await asyncio.sleep(0.5)
    return await bench.settle(late, other)


def _as_it_is(fold: FoldLoop) -> None:
    return None


late_transaction = partial(wakes_late, before=True)
late_append = partial(wakes_late, before=False)


def fences_off(fold: FoldLoop) -> None:
    fold.books = planted_bugs.NoDatabaseFence(fold.engine.dialect)


def forgetful(fold: FoldLoop) -> None:
    fold.appender = planted_bugs.NoLookAtLog(fold.appender.writer, points=fold.points)


def random_ids(fold: FoldLoop) -> None:
    fold.folding.stamper = planted_bugs.RandomIds(fold.tenant, fold.service.name)


def swallowing(fold: FoldLoop) -> None:
    fold.folding = planted_bugs.SwallowErrors(fold.service, fold.tenant)


def flaky(seed: int) -> Parts:
    """A handler in which the database fails now and then."""
    honest, calls, failing = issues.handlers[CosignIssue], count(), {seed % 7 + 11 * n for n in range(5)}

    def cosign_issue(m: Any, s: Any) -> Iterator[Any]:
        if next(calls) in failing:
            raise sa.exc.OperationalError("SELECT", {}, Exception("the database is away"))
        yield from several(honest(m, s))

    return Parts(
        replayed=issues, service=replace(issues, handlers={**issues.handlers, CosignIssue: cosign_issue})
    )


async def caught(run: Callable[[int], Awaitable[Findings]]) -> bool:
    """Whether the ledger finds a difference with one of twenty seeds."""
    for seed in range(1, SEEDS + 1):
        found = await run(seed)
        if not found.clean:
            print(f"  caught with seed {seed}: {found}")
            return True
    return False


CONTROLS: dict[str, tuple[Parts, Scenario]] = {
    "no-database-fence": (
        Parts(lease=planted_bugs.NoLease, log=planted_bugs.NoExpectation, mount=fences_off),
        late_transaction,
    ),
    "no-broker-expectation": (
        Parts(lease=planted_bugs.NoLease, log=planted_bugs.NoExpectation, mount=fences_off),
        late_append,
    ),
    "position-apart": (Parts(fold=planted_bugs.PositionApart), crashes("in_transaction")),
    "forgetful-start": (Parts(mount=forgetful), crashes("after_publish")),
    "random-ids": (Parts(mount=random_ids), anywhere),
    "reads-the-clock": (Parts(service=planted_bugs.CLOCK_READER), anywhere),
}


@pytest.mark.parametrize("name", CONTROLS)
async def test_a_planted_bug_is_caught(name: str, broker: NatsServer, tmp_path: Path) -> None:
    parts, scenario = CONTROLS[name]

    assert await caught(lambda seed: scenario(FoldBench(broker.url, broker.url, tmp_path, seed, parts)))


async def test_single_pipelined_publishes_with_a_reconnecting_client_are_caught(
    broker: NatsServer, proxy: Proxy, tmp_path: Path
) -> None:
    async def run(seed: int) -> Findings:
        bench = FoldBench(
            broker.url, f"nats://127.0.0.1:{proxy.port}", tmp_path, seed, Parts(log=planted_bugs.Pipelined)
        )
        await bench.fill()
        proxy.faults = FrameFaults(swallow={"publishes": 3}, share=0.1)
        return await bench.settle(asyncio.create_task(bench.life()), patience=10)

    assert await caught(run)


async def test_a_swallowed_exception_is_caught(broker: NatsServer, tmp_path: Path) -> None:
    def run(seed: int) -> Awaitable[Findings]:
        return anywhere(
            FoldBench(broker.url, broker.url, tmp_path, seed, replace(flaky(seed), mount=swallowing))
        )

    assert await caught(run)


async def door_crashes(front: GatewayBench) -> Findings:
    """The gateway crashes within a transaction of its door, and is restarted."""
    await front.fill()
    first = asyncio.create_task(front.life(CrashAt("in_transaction", front.random.randint(3, 9))))
    await front.loader.send(front.loader.mixture(150), burst=20)
    await asyncio.wait([first], timeout=5)
    await cancel_and_wait(first)
    return await front.settle(asyncio.create_task(front.life()))


def hasty(door: Door) -> None:
    door.input_writer = planted_bugs.PublishBeforeCommit(door.input_writer, door.engine)


async def test_publishing_before_the_commit_is_caught(broker: NatsServer, tmp_path: Path) -> None:
    """At the door: a fold would give the same event again after a crash, so that nothing is wrong."""
    assert await caught(lambda seed: door_crashes(GatewayBench(broker.url, tmp_path / "hasty", seed, hasty)))


async def test_the_door_as_it_is_stays_clean(broker: NatsServer, tmp_path: Path) -> None:
    for seed in range(1, 4):
        found = await door_crashes(GatewayBench(broker.url, tmp_path / "door", seed))
        assert found.clean, f"seed {seed}: {found}"


HONEST: dict[str, tuple[Parts, Scenario]] = {
    "crashes": (Parts(), anywhere),
    "no-lease": (Parts(lease=planted_bugs.NoLease), two_at_once),
    "database-fence-alone": (
        Parts(lease=planted_bugs.NoLease, log=planted_bugs.NoExpectation),
        late_transaction,
    ),
    "broker-fence-alone": (Parts(lease=planted_bugs.NoLease, mount=fences_off), late_append),
}


@pytest.mark.parametrize("name", HONEST)
async def test_without_the_bug_the_same_scenario_stays_clean(
    name: str, broker: NatsServer, tmp_path: Path
) -> None:
    parts, scenario = HONEST[name]
    for seed in range(1, 6):
        found = await scenario(FoldBench(broker.url, broker.url, tmp_path, seed, parts))
        assert found.clean, f"seed {seed}: {found}"


async def test_a_failing_database_alone_is_survived(broker: NatsServer, tmp_path: Path) -> None:
    found = await anywhere(FoldBench(broker.url, broker.url, tmp_path, 1, flaky(1)))

    assert found.clean, str(found)
