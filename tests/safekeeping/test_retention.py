"""Retention keeps the newest backup of each of the last days, weeks and months, and nothing that a person must see."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from microgov.safekeeping.folder import NAME_FORMAT, Backup
from microgov.safekeeping.manifest import Manifest
from microgov.safekeeping.retention import Retention, superfluous

BEGIN = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)


def made(at: datetime) -> Backup:
    manifest = Manifest.model_construct(began=at)
    return Backup(Path("/none") / at.strftime(NAME_FORMAT), manifest)


def kept(backups: list[Backup], retention: Retention) -> list[str]:
    gone = set(superfluous(backups, retention))
    return [one.name for one in backups if one.name not in gone]


def test_a_year_of_daily_backups_leaves_days_weeks_and_months() -> None:
    days = [made(BEGIN + timedelta(days=n)) for n in range(365)]

    assert kept(days, Retention(7, 4, 12)) == [
        # the last day of each month, the last Sunday of each of the last weeks, the last seven days
        *("20260131T023000Z", "20260228T023000Z", "20260331T023000Z", "20260430T023000Z"),
        *("20260531T023000Z", "20260630T023000Z", "20260731T023000Z", "20260831T023000Z"),
        *("20260930T023000Z", "20261031T023000Z", "20261130T023000Z"),
        *("20261213T023000Z", "20261220T023000Z"),
        *("20261225T023000Z", "20261226T023000Z", "20261227T023000Z", "20261228T023000Z"),
        *("20261229T023000Z", "20261230T023000Z", "20261231T023000Z"),
    ]


moments = st.lists(st.integers(0, 2000), min_size=1, max_size=60, unique=True)
limits = st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10))


@given(moments, limits)
def test_the_newest_is_kept_and_deleting_twice_deletes_nothing_more(
    hours: list[int], limit: tuple[int, int, int]
) -> None:
    backups = [made(BEGIN + timedelta(hours=n)) for n in sorted(hours)]
    left = kept(backups, Retention(*limit))

    assert left[-1] == backups[-1].name
    assert len(left) <= max(1, sum(limit))
    assert kept([one for one in backups if one.name in left], Retention(*limit)) == left


@given(moments, limits)
def test_a_damaged_one_is_left_to_a_person(hours: list[int], limit: tuple[int, int, int]) -> None:
    backups = [made(BEGIN + timedelta(hours=n)) for n in sorted(hours)]
    damaged = backups[0]._replace(manifest=None, damage="cut off")

    assert damaged.name in kept([damaged, *backups[1:]], Retention(*limit))
