"""A fold has reached the head of the log once it has folded every message, not when the broker delivers nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from microgov.services.chassis.log import MemoryLog, MemoryReader, Stored
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store.engine import engine as make_engine
from tests.chassis import tool_service
from tests.chassis.running_fold import run_fold


@dataclass
class Stalled(MemoryReader):
    """Delivers one message, and the others only after `goes_on` is set."""

    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def batch(self, most: int, wait: float) -> list[Stored]:
        if self.taken and not self.goes_on.is_set():
            await asyncio.sleep(wait)
            return []
        return await super().batch(1 if not self.goes_on.is_set() else most, wait)


@dataclass
class Stalling(MemoryLog):
    """A log whose readers stall in the middle."""

    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, after: int, types: Sequence[str] | None) -> MemoryReader:
        return Stalled(self, after, frozenset(types) if types is not None else None, goes_on=self.goes_on)


async def test_a_fold_whose_broker_stalls_has_not_reached_the_head_of_the_log(tmp_path: Path) -> None:
    database, log = make_engine(f"sqlite:///{tmp_path}/tools.sqlite"), Stalling("t")
    prepare(database, tool_service.service())
    log.goes_on.set()
    async with run_fold(database, tool_service.service(), log) as alive:
        for n in range(20):
            alive.send(tool_service.OfferTool(), f"tool-{n}")
        await alive.rest()
    before = len(log.messages)
    for n in range(20, 40):
        alive.send(tool_service.OfferTool(), f"tool-{n}")
    log.goes_on.clear()

    async with run_fold(database, tool_service.service(), log) as alive:
        await asyncio.sleep(1.5)
        assert not alive.fold.reached.is_set()
        log.goes_on.set()
        await alive.rest()
        assert alive.fold.reached.is_set()
        assert len(log.messages) > before + 20
    database.dispose()
