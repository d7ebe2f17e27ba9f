"""The trouble that a loop reports: an interruption counts as one failure, however often the loop tries again."""

import asyncio
import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgov.services.chassis.errors import Again
from microgov.services.chassis.fold import retry_loop
from microgov.services.chassis.fold.lease import LeaseLost
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from tests.chassis import tool_service

RUNS, FAILS, READY = "r", "f", "w"


class Scripted(RetryLoop):
    """A loop that follows a script, and loses its lease at the end.

    `r`: it reaches its work. `f`: it fails. `w`: it waits for an event that is set already.
    """

    def __init__(self, script: str) -> None:
        super().__init__("scripted", None)  # type: ignore[arg-type]  # it never asks its lease
        self.script: Iterator[str] = iter(script)

    async def run_once(self) -> None:
        there = asyncio.Event()
        there.set()
        for step in self.script:
            if step == FAILS:
                raise Again("it is away")
            if step == READY:
                await self.until(there.wait(), "never said")
            else:
                self.runs()
        raise LeaseLost("the end")


def trouble(script: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The trouble that a loop reports after these steps; an empty text if there is none."""
    monkeypatch.setattr(retry_loop, "FIRST_WAIT", 0.0)
    loop = Scripted(script)
    with pytest.raises(LeaseLost):
        asyncio.run(loop.run())
    return loop.trouble()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (RUNS, ""),
        (RUNS + 8 * FAILS + RUNS, ""),
        (8 * FAILS + RUNS, ""),
        (RUNS + 8 * (READY + FAILS) + READY + RUNS, ""),
        (RUNS + 3 * (FAILS + RUNS) + FAILS + READY, "scripted does not get on: Again: it is away"),
        (RUNS + 2 * (FAILS + RUNS), ""),
        (RUNS + 3 * (FAILS + RUNS), "scripted fails again and again: Again: it is away"),
        (RUNS + 3 * (FAILS + RUNS) + FAILS, "scripted does not get on: Again: it is away"),
        (RUNS + FAILS, ""),
        (3 * FAILS, "scripted does not get on: Again: it is away"),
        ("", "scripted does not get on: it has not begun yet"),
    ],
)
def test_a_loop_reports_repeated_failures_and_no_single_interruption(
    script: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trouble(script, monkeypatch) == says


def test_a_tenant_that_failed_is_healthy_again_after_serving_or_standing_by_for_a_while(
    tmp_path: Path,
) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/x.sqlite")
    tenancy = Tenancy(tool_service.service(), TenantSettings(name="t"), settings)
    tenancy.lease.pulse.beat()
    tenancy.failure, now = "ValueError: x", time.monotonic()

    for serving, troubles in ((math.inf, 1), (now, 1), (now - retry_loop.STEADY - 1, 0)):
        tenancy.serving = serving
        assert len(tenancy.troubles()) == troubles
    tenancy.engine.dispose()


def test_a_tenant_whose_handler_is_stopped_is_healthy_but_not_ready(tmp_path: Path) -> None:
    tenancy = Tenancy(
        tool_service.service(), TenantSettings(name="t"), Settings(database=f"sqlite:///{tmp_path}/x.sqlite")
    )
    tenancy.lease.pulse.beat()
    tenancy.active = True
    tenancy.fold.reached.set()
    for loop in tenancy.loops:
        loop.runs()

    assert (tenancy.health().ok, tenancy.health().ready) == (True, True)
    tenancy.fold.breaker.stopped = frozenset({tool_service.LendTool.TYPE})
    found = tenancy.health()
    assert (found.ok, found.ready) == (True, False)
    assert tool_service.LendTool.TYPE in found.notes[0]
    tenancy.engine.dispose()
