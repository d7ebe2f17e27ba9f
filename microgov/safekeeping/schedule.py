"""Backups by themselves: one each day, verified, the superfluous ones deleted; and the keys of open ballots at every moment.

Nothing that fails here ends it: it is logged, and tried again.
"""

import asyncio
import time as clock
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path

from microgov.safekeeping.erasures import Reached, note_deleted
from microgov.safekeeping.folder import Backup, backups_in, delete, locked, newest
from microgov.safekeeping.kept_apart import RowApart, rows_apart, write_apart
from microgov.safekeeping.retention import Retention, superfluous
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.telemetry import logger

LOOK_SECONDS = 20.0
"""How often the keys of ballots are looked at, so that one is gone within a minute of its count."""
ERASE_SECONDS = 60.0
"""How often the logs are asked for erasures."""
RETRY_SECONDS = 300.0
"""After how long a backup that failed is tried again."""
log = logger("backup")


def last_due(at: time, now: datetime) -> datetime:
    """The last time at which a backup was due: today's or yesterday's `at`, in the time zone of `now`."""
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


class Schedule:
    """The daily backup. `make` makes one; `verify` verifies the one of this name, and returns whether it is whole;
    `recipient` returns to whom rows are sealed, and raises Problem if nobody has said so.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        at: time,
        retention: Retention,
        recipient: Callable[[], str],
        make: Callable[[], Awaitable[Backup]],
        verify: Callable[[str], Awaitable[bool]],
        erase: Callable[[], Awaitable[Reached]],
    ) -> None:
        self.settings, self.folder, self.at, self.retention = settings, folder, at, retention
        self.recipient, self.make, self.verify, self.erase = recipient, make, verify, erase
        self.apart: list[RowApart] | None = None
        self.not_before = self.erased_at = 0.0
        self.said = ""

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.step(datetime.now().astimezone())
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self, now: datetime) -> None:
        """Does what is due at this moment (local time)."""
        try:
            await asyncio.to_thread(self._keep_apart)
            await self._erase()
            if clock.monotonic() >= self.not_before and self._due(now):
                self.not_before = clock.monotonic() + RETRY_SECONDS
                await self._backup()
            self.said = ""
        except Exception as error:
            self._say(error)

    async def _erase(self) -> None:
        """Takes what was erased out of the backups."""
        if clock.monotonic() < self.erased_at + ERASE_SECONDS or newest(self.folder) is None:
            return
        self.erased_at = clock.monotonic()
        reached = await self.erase()
        if reached.rows:
            log.info("took erased rows out of backups", rows=reached.rows)
            if reached.away:
                log.warning(
                    "backups that were carried away still hold erased rows", backups=", ".join(reached.away)
                )

    def _due(self, now: datetime) -> bool:
        last = newest(self.folder)
        return last is None or last.began < last_due(self.at, now)

    async def _backup(self) -> None:
        began = clock.monotonic()
        made = await self.make()
        seconds = round(clock.monotonic() - began, 1)
        log.info("made a backup", backup=made.name, seconds=seconds)
        if not await self.verify(made.name):
            log.error("the backup is damaged: `microgov backup verify` says where", backup=made.name)
            return
        with locked(self.folder):
            if gone := superfluous(backups_in(self.folder), self.retention):
                note_deleted(self.folder, gone)
                delete(self.folder, gone)
                log.info("deleted superfluous backups", backups=", ".join(gone))

    def _keep_apart(self) -> None:
        """Writes the file of rows that stand in no dated backup, if they are others than it holds."""
        recipient, rows = self.recipient(), rows_apart(self.settings)
        if rows != self.apart:
            with (
                suppress(Problem),
                locked(self.folder, 0.0),
            ):  # a backup that is being made writes the file itself
                write_apart(self.folder, rows, recipient)
                self.apart = rows

    def _say(self, error: Exception) -> None:
        """Logs an error, once for as long as it is the same."""
        words = error.en if isinstance(error, Problem) else repr(error)
        if words != self.said:
            self.said = words
            log.error("no backup was made", why=words)
