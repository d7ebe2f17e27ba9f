"""A point is reached from the newest backup before it, along the log of the newest generation; or it is refused."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from microgov.safekeeping.folder import Backup
from microgov.safekeeping.point import Point, choose, nanoseconds
from microgov.services.chassis.errors import Problem
from tests.safekeeping.backup_steps import Kept, held, something_to_lose
from tests.support.servers import NatsServer


@pytest.fixture
async def kept(nats_server: NatsServer, tmp_path: Path) -> AsyncIterator[Kept]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    async with something_to_lose(nats_server, database, tmp_path) as found:
        yield found


def end_of(backup: Backup, kept: Kept) -> int:
    return held(backup).streams[f"LOG-{kept.tenant}"].end


async def test_a_sequence_between_two_backups_is_reached_from_the_first_one(kept: Kept) -> None:
    first = await kept.backup()
    await kept.places(3)
    await kept.deployment.quiet()
    second = await kept.backup()
    between = end_of(first, kept) + 2

    chosen = choose(kept.folder, Point(kept.tenant, between))

    assert chosen.backup.name == first.name
    assert chosen.streams[f"LOG-{kept.tenant}"].end == between < end_of(second, kept)
    assert choose(kept.folder, None).backup.name == second.name
    assert choose(kept.folder, Point(kept.tenant, end_of(second, kept))).backup.name == second.name


async def test_a_time_is_that_by_which_the_broker_had_stored(kept: Kept) -> None:
    first = await kept.backup()
    await kept.places(2)
    await kept.deployment.quiet()
    stored = (await kept.bus.api(f"STREAM.INFO.LOG-{kept.tenant}"))["state"]
    at, end = datetime.fromisoformat(stored["last_ts"]) + timedelta(microseconds=1), stored["last_seq"]
    await kept.places(1)
    await kept.deployment.quiet()
    await kept.backup()

    chosen = choose(kept.folder, Point(time=at))

    assert chosen.backup.name == first.name
    assert chosen.streams[f"LOG-{kept.tenant}"].end == end


def test_a_time_is_exact_to_the_nanosecond() -> None:
    second = datetime(2026, 11, 30, 8, 0, 0, tzinfo=UTC)

    assert [nanoseconds(second.replace(microsecond=n)) for n in range(1000)] == [
        1_796_025_600_000_000_000 + n * 1000 for n in range(1000)
    ]


@pytest.mark.parametrize(
    ("point", "why"),
    [
        (Point("nobody", 1), "No backup holds a log of a tenant nobody"),
        (Point(time=datetime.now(UTC) + timedelta(days=1)), "No backup goes so far"),
        (Point(time=datetime(2020, 1, 1, tzinfo=UTC)), "No backup is so old"),
    ],
)
async def test_a_point_that_no_backup_reaches_is_refused(kept: Kept, point: Point, why: str) -> None:
    await kept.backup()

    with pytest.raises(Problem, match=why):
        choose(kept.folder, point)


async def test_without_a_backup_nothing_can_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="There is no backup"):
        choose(tmp_path, None)
