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
from tests.rig.fold_in_process import InProcessFold, Parts, PausedThread
from tests.rig.gateway_in_process import InProcessGateway
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


Scenario = Callable[[InProcessFold], Awaitable[Findings]]


def crashes(*places: str) -> Scenario:
    """A scenario: the fold crashes twice, each time at a random one of these fault points, and then runs without a crash."""

    async def scenario(fold: InProcessFold) -> Findings:
        await fold.set_up()
        for _ in range(2):
            points = CrashAt(fold.random.choice(places), fold.random.randint(2, 6))
            life = asyncio.create_task(fold.run_until_crash(points))
            await asyncio.wait([life], timeout=2)
            await cancel_and_wait(life)
        return await fold.settle(asyncio.create_task(fold.run_until_crash()))

    return scenario


crash_anywhere = crashes(*POINTS)


async def two_at_once(fold: InProcessFold) -> Findings:
    """Runs two folds at the same time."""
    await fold.set_up()
    return await fold.settle(*(asyncio.create_task(fold.run_until_crash()) for _ in range(2)))


async def pause_meanwhile(fold: InProcessFold, before: bool) -> Findings:
    """A fold is paused, another one does its work, and then the first one continues.

    `before`: it is paused before its transaction, otherwise between commit and append.
    """
    await fold.set_up()
    points = PausedThread()
    late = asyncio.create_task(
        fold.run_until_crash(
            NO_FAULTS if before else points, points.pause_before_transaction if before else _unchanged
        )
    )
    await fold.wait_until_idle()
    points.armed = True
    await fold.add([fold.loader.issue()])
    assert await asyncio.to_thread(points.asleep.wait, 5)
    other = asyncio.create_task(fold.run_until_crash())
    await fold.wait_until_idle()
    points.wake.set()
    await asyncio.sleep(0.5)
    return await fold.settle(late, other)


def _unchanged(fold: FoldLoop) -> None:
    return None


late_transaction = partial(pause_meanwhile, before=True)
late_append = partial(pause_meanwhile, before=False)


def remove_database_fence(fold: FoldLoop) -> None:
    fold.books = planted_bugs.NoDatabaseFence(fold.engine.dialect)


def skip_log_check(fold: FoldLoop) -> None:
    fold.appender = planted_bugs.NoLogCheckAtStart(fold.appender.writer, points=fold.points)


def use_random_ids(fold: FoldLoop) -> None:
    fold.folding.stamper = planted_bugs.RandomIds(fold.tenant, fold.service.name)


def swallow_errors(fold: FoldLoop) -> None:
    fold.folding = planted_bugs.SwallowErrors(fold.service, fold.tenant)


def with_failing_database(seed: int) -> Parts:
    """A fold whose handler of cosign_issue fails at some calls with an error of the database; the seed decides at which."""
    honest, calls, failing = issues.handlers[CosignIssue], count(), {seed % 7 + 11 * n for n in range(5)}

    def cosign_issue(m: Any, s: Any) -> Iterator[Any]:
        if next(calls) in failing:
            raise sa.exc.OperationalError("SELECT", {}, Exception("the database is away"))
        yield from several(honest(m, s))

    return Parts(
        replayed=issues, service=replace(issues, handlers={**issues.handlers, CosignIssue: cosign_issue})
    )


async def is_caught(run: Callable[[int], Awaitable[Findings]]) -> bool:
    """Whether the ledger finds a difference with one of twenty seeds."""
    for seed in range(1, SEEDS + 1):
        found = await run(seed)
        if not found.clean:
            print(f"  caught with seed {seed}: {found}")
            return True
    return False


PLANTED_BUGS: dict[str, tuple[Parts, Scenario]] = {
    "no-database-fence": (
        Parts(lease=planted_bugs.NoLease, log=planted_bugs.NoExpectation, alter_fold=remove_database_fence),
        late_transaction,
    ),
    "no-broker-expectation": (
        Parts(lease=planted_bugs.NoLease, log=planted_bugs.NoExpectation, alter_fold=remove_database_fence),
        late_append,
    ),
    "position-apart": (Parts(fold=planted_bugs.PositionApart), crashes("in_transaction")),
    "forgetful-start": (Parts(alter_fold=skip_log_check), crashes("after_publish")),
    "random-ids": (Parts(alter_fold=use_random_ids), crash_anywhere),
    "reads-the-clock": (Parts(service=planted_bugs.CLOCK_READER), crash_anywhere),
}


@pytest.mark.parametrize("name", PLANTED_BUGS)
async def test_a_planted_bug_is_caught(name: str, broker: NatsServer, tmp_path: Path) -> None:
    parts, scenario = PLANTED_BUGS[name]

    assert await is_caught(
        lambda seed: scenario(InProcessFold(broker.url, broker.url, tmp_path, seed, parts))
    )


async def test_single_pipelined_publishes_with_a_reconnecting_client_are_caught(
    broker: NatsServer, proxy: Proxy, tmp_path: Path
) -> None:
    async def run(seed: int) -> Findings:
        fold = InProcessFold(
            broker.url, f"nats://127.0.0.1:{proxy.port}", tmp_path, seed, Parts(log=planted_bugs.Pipelined)
        )
        await fold.set_up()
        proxy.faults = FrameFaults(swallow={"publishes": 3}, share=0.1)
        return await fold.settle(asyncio.create_task(fold.run_until_crash()), patience=10)

    assert await is_caught(run)


async def test_a_swallowed_exception_is_caught(broker: NatsServer, tmp_path: Path) -> None:
    def run(seed: int) -> Awaitable[Findings]:
        return crash_anywhere(
            InProcessFold(
                broker.url,
                broker.url,
                tmp_path,
                seed,
                replace(with_failing_database(seed), alter_fold=swallow_errors),
            )
        )

    assert await is_caught(run)


async def door_crashes(gateway: InProcessGateway) -> Findings:
    """The gateway crashes within a transaction of its door, and is restarted."""
    await gateway.set_up()
    first = asyncio.create_task(
        gateway.run_until_crash(CrashAt("in_transaction", gateway.random.randint(3, 9)))
    )
    await gateway.loader.send(gateway.loader.mixture(150), burst=20)
    await asyncio.wait([first], timeout=5)
    await cancel_and_wait(first)
    return await gateway.settle(asyncio.create_task(gateway.run_until_crash()))


def publish_before_commit(door: Door) -> None:
    door.input_writer = planted_bugs.PublishBeforeCommit(door.input_writer, door.engine)


async def test_publishing_before_the_commit_is_caught(broker: NatsServer, tmp_path: Path) -> None:
    """The bug is planted in the door: a fold would give the same event again after a crash, so that nothing differs."""
    assert await is_caught(
        lambda seed: door_crashes(
            InProcessGateway(broker.url, tmp_path / "hasty", seed, publish_before_commit)
        )
    )


async def test_the_ledger_of_the_unchanged_door_is_clean(broker: NatsServer, tmp_path: Path) -> None:
    for seed in range(1, 4):
        found = await door_crashes(InProcessGateway(broker.url, tmp_path / "door", seed))
        assert found.clean, f"seed {seed}: {found}"


WITHOUT_BUG: dict[str, tuple[Parts, Scenario]] = {
    "crashes": (Parts(), crash_anywhere),
    "no-lease": (Parts(lease=planted_bugs.NoLease), two_at_once),
    "database-fence-alone": (
        Parts(lease=planted_bugs.NoLease, log=planted_bugs.NoExpectation),
        late_transaction,
    ),
    "broker-fence-alone": (Parts(lease=planted_bugs.NoLease, alter_fold=remove_database_fence), late_append),
}


@pytest.mark.parametrize("name", WITHOUT_BUG)
async def test_the_ledger_of_the_same_scenario_without_the_bug_is_clean(
    name: str, broker: NatsServer, tmp_path: Path
) -> None:
    parts, scenario = WITHOUT_BUG[name]
    for seed in range(1, 6):
        found = await scenario(InProcessFold(broker.url, broker.url, tmp_path, seed, parts))
        assert found.clean, f"seed {seed}: {found}"


async def test_the_ledger_is_clean_after_errors_of_the_database(broker: NatsServer, tmp_path: Path) -> None:
    found = await crash_anywhere(InProcessFold(broker.url, broker.url, tmp_path, 1, with_failing_database(1)))

    assert found.clean, str(found)
