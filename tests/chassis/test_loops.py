"""What a loop says of itself: an interruption is one failure, however often it tries again before it is over."""

import asyncio
from collections.abc import Iterator

import pytest

from services.chassis import loops
from services.chassis.errors import Again
from services.chassis.lease import LeaseLost
from services.chassis.loops import Loop

RUNS, FAILS, READY = "r", "f", "w"


class Scripted(Loop):
    """Does what it is told: `r` it reaches its work, `f` it fails, `w` it needs what is there already; at the end
    it loses its lease."""

    def __init__(self, script: str) -> None:
        super().__init__("scripted", None)  # type: ignore[arg-type]  # it never asks its lease
        self.script: Iterator[str] = iter(script)

    async def once(self) -> None:
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
    """What it says at the end of these steps."""
    monkeypatch.setattr(loops, "FIRST_WAIT", 0.0)
    loop = Scripted(script)
    with pytest.raises(LeaseLost):
        asyncio.run(loop.run())
    return loop.trouble()


@pytest.mark.parametrize(("script", "says"), [
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
])
def test_what_a_loop_says_of_itself(script: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trouble(script, monkeypatch) == says
