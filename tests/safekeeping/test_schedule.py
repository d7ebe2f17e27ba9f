"""Backups by themselves: one a day, verified, the superfluous ones deleted, and keys of ballots at every moment."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from microgov.safekeeping.erasures import Reached, apply_erasures
from microgov.safekeeping.folder import Backup, backups_in, chosen
from microgov.safekeeping.kept_apart import files_apart, opened_apart
from microgov.safekeeping.retention import Retention
from microgov.safekeeping.schedule import Schedule, last_due
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.issues.model import BallotKey
from tests.safekeeping.backup_steps import KEY, RECIPIENT, Kept, something_to_lose
from tests.support.servers import NatsServer

HANGZHOU = timezone(timedelta(hours=8))
AT, DEFAULT = time(2, 30), Retention()


@pytest.fixture
async def kept(nats_server: NatsServer, tmp_path: Path) -> AsyncIterator[Kept]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    async with something_to_lose(nats_server, database, tmp_path) as found:
        yield found


class Watched:
    """A schedule, and what it did. Backups are named as if they began at `now`."""

    def __init__(self, kept: Kept, retention: Retention = DEFAULT) -> None:
        self.kept, self.now, self.whole = kept, datetime.now(UTC), True
        self.made: list[str] = []
        self.schedule = Schedule(
            kept.settings,
            kept.folder,
            AT,
            retention,
            lambda: RECIPIENT,
            self._make,
            self._verify,
            self._erase,
        )

    async def _make(self) -> Backup:
        made = await self.kept.backup()
        self.made.append(made.name)
        return made

    async def _verify(self, name: str) -> bool:
        return self.whole and self.kept.verified(chosen(self.kept.folder, name)).ok

    async def _erase(self) -> Reached:
        return await apply_erasures(self.kept.bus, [self.kept.tenant], self.kept.folder)

    async def step(self, now: datetime) -> None:
        self.schedule.not_before = self.schedule.erased_at = 0.0
        await self.schedule.step(now)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 12, 1, 2, 30, tzinfo=HANGZHOU), datetime(2026, 12, 1, 2, 30, tzinfo=HANGZHOU)),
        (datetime(2026, 12, 1, 2, 29, tzinfo=HANGZHOU), datetime(2026, 11, 30, 2, 30, tzinfo=HANGZHOU)),
        (datetime(2026, 12, 1, 23, 0, tzinfo=HANGZHOU), datetime(2026, 12, 1, 2, 30, tzinfo=HANGZHOU)),
    ],
)
def test_a_backup_is_due_once_a_day(now: datetime, due: datetime) -> None:
    assert last_due(AT, now) == due


async def test_the_first_backup_is_made_at_once_and_the_next_one_when_it_is_due(kept: Kept) -> None:
    watched, now = Watched(kept), datetime.now(UTC)

    for _ in range(3):
        await watched.step(now)
    assert len(watched.made) == 1
    assert backups_in(kept.folder)[0].verified() is not None
    await watched.step(now + timedelta(days=1))
    assert len(watched.made) == 2


async def test_a_damaged_backup_deletes_nothing(kept: Kept) -> None:
    watched = Watched(kept, Retention(1, 0, 0))
    watched.whole = False

    for day in range(3):
        await watched.step(datetime.now(UTC) + timedelta(days=day))

    assert [one.name for one in backups_in(kept.folder)] == watched.made
    watched.whole = True
    await watched.step(datetime.now(UTC) + timedelta(days=3))
    assert [one.name for one in backups_in(kept.folder)] == watched.made[-1:]
    assert kept.verified(chosen(kept.folder, None), KEY).ok  # what it needs was not deleted


async def test_the_key_of_a_ballot_is_gone_with_its_row_and_there_with_it(kept: Kept) -> None:
    watched = Watched(kept)
    await watched.step(datetime.now(UTC))
    (before,) = files_apart(kept.folder)
    assert [one.row["ballot"] for one in opened_apart(kept.folder, KEY)] == ["b-1"]
    await watched.step(datetime.now(UTC))
    await watched.step(datetime.now(UTC))
    (same,) = files_apart(kept.folder)

    engine = make_engine(kept.settings.database_url("issues", kept.tenant))
    with Session(engine) as s:
        s.execute(delete(BallotKey))
        s.commit()
    await watched.step(datetime.now(UTC))
    assert opened_apart(kept.folder, KEY) == []
    assert not before.exists()
    with Session(engine) as s:
        s.add(BallotKey(ballot="b-2", key="k", public="p", private=b"2" * 32))
        s.commit()
    await watched.step(datetime.now(UTC))
    assert [one.row["ballot"] for one in opened_apart(kept.folder, KEY)] == ["b-2"]
    engine.dispose()
    assert same.name  # nothing was written while nothing changed: the file was still the one after the backup


async def test_what_fails_is_logged_and_tried_again(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    watched, fails = Watched(kept), True

    async def make() -> Backup:
        if fails:
            raise Problem("磁盘满", "the disk is full")
        return await kept.backup()

    watched.schedule.make = make
    for _ in range(3):
        await watched.step(datetime.now(UTC))
    said = [one for one in caplog.records if one.name == "microgov.backup" and one.levelname == "ERROR"]
    assert [one.__dict__["given"] for one in said] == [{"why": "the disk is full"}]
    fails = False
    await watched.step(datetime.now(UTC))
    assert len(backups_in(kept.folder)) == 1


async def test_without_a_recipient_nothing_is_written(kept: Kept) -> None:
    watched = Watched(kept)

    def nobody() -> str:
        raise Problem("没有接收者", "there is no recipient")

    watched.schedule.recipient = nobody
    await watched.step(datetime.now(UTC))
    assert not kept.folder.exists()
