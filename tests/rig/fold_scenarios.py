"""Scenarios with a fold in the process of the test: crashes, two folds at once, a fold that is paused; and altered folds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import sqlalchemy as sa

from microgov.contracts.issues import CosignIssue
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fault_points import NO_FAULTS
from microgov.services.chassis.fold.loop import FoldLoop
from microgov.services.chassis.service import several
from microgov.services.issues.handlers import service as issues
from tests.rig import planted_bugs
from tests.rig.fault_actions import CrashAt
from tests.rig.fold_in_process import InProcessFold, Parts, PausedThread
from tests.rig.ledger import Findings

POINTS = ("after_fetch", "in_transaction", "after_commit", "before_publish", "mid_publish", "after_publish")
"""The fault points of a fold."""
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
