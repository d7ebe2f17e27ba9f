"""Negative controls: the ledger must detect each planted bug within twenty seeds, and is clean without the bug."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.gateway.door.door import Door
from tests.rig import planted_bugs
from tests.rig.fault_actions import CrashAt
from tests.rig.fold_in_process import InProcessFold, Parts
from tests.rig.fold_scenarios import (
    Scenario,
    crash_anywhere,
    crashes,
    late_append,
    late_transaction,
    remove_database_fence,
    skip_log_check,
    swallow_errors,
    two_at_once,
    use_random_ids,
    with_failing_database,
)
from tests.rig.gateway_in_process import InProcessGateway
from tests.rig.ledger import Findings
from tests.rig.proxy import FrameFaults, Proxy
from tests.support.ports import free_port
from tests.support.servers import NatsServer

pytestmark = pytest.mark.rig
SEEDS = 20


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
