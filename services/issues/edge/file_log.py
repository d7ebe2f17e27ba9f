"""Reports uses of household files to the log: who kept, read or erased a file and why, but never its contents."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, Engine, func, select, update

from microgov.contracts.issues import HouseholdFileErased, HouseholdFileKept, HouseholdFileRead
from microgov.contracts.message import Event
from microgov.services.chassis.runtime.aside import SetAside
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.telemetry import logger
from microgov.services.issues.visits.files import FileUse

EVENTS: dict[str, type[Event]] = {
    "kept": HouseholdFileKept,
    "read": HouseholdFileRead,
    "erased": HouseholdFileErased,
}
LINES_PER_QUERY = 200
log = logger("files")
Report = Callable[[list[tuple[str, str, Event]]], Awaitable[None]]
"""A function that gets tuples (id of the report, household, event) and writes each event into the log once, however often it
is called.
"""


class FileUseReporter:
    """Reports uses of files. A step can be repeated: the report has the id of the use, and the use is marked as reported
    afterwards. A use whose report fails is set aside; the others are reported.
    """

    def __init__(self, engine: Engine, report: Report, counters: Counter[str] | None = None) -> None:
        self._engine, self._report, self._aside = engine, report, SetAside(log, counters)

    async def step(self) -> int:
        """Reports the uses that are not in the log yet, 200 at most; returns how many."""
        found = await asyncio.to_thread(self._unreported)
        if found:
            await self._report(found)
            await asyncio.to_thread(self._mark_reported, [id for id, _, _ in found])
        return len(found)

    def _unreported(self) -> list[tuple[str, str, Event]]:
        waiting = select(FileUse.__table__).where(FileUse.told.is_(False)).order_by(FileUse.at, FileUse.id)
        with reading(self._engine) as c:
            rows = [row._asdict() for row in c.execute(waiting.limit(LINES_PER_QUERY + len(self._aside)))]
        found: list[tuple[str, str, Event]] = []
        for row in rows:
            if self._aside.due(row["id"]):
                with self._aside.alone(row["id"]):
                    found.append((row["id"], row["household"], _event(row)))
        return found

    def _mark_reported(self, ids: list[str]) -> None:
        with self._engine.begin() as c:
            c.execute(update(FileUse).where(FileUse.id.in_(ids)).values(told=True))


def _event(row: dict[str, object]) -> Event:
    kind = EVENTS[str(row["what"])]
    return kind.model_validate({name: row[name] for name in kind.model_fields})


def unreported_uses(c: Connection) -> int:
    """Number of uses of files that are not in the log yet."""
    return int(
        c.execute(select(func.count()).select_from(FileUse).where(FileUse.told.is_(False))).scalar_one()
    )
