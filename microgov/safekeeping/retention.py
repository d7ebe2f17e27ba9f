"""Which backups are kept: the newest of each of the last days, weeks and months that have one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from microgov.safekeeping.folder import Backup


class Retention(NamedTuple):
    """How many days, weeks (from Monday) and months with a backup keep their newest one; all in UTC."""

    days: int = 7
    weeks: int = 4
    months: int = 12


def superfluous(backups: Sequence[Backup], retention: Retention) -> list[str]:
    """The names of the backups that are not kept; `backups` has the oldest first.

    The newest one is kept, the newest that was verified, and every damaged one: a person decides about that.
    """
    kept = {one.name for one in backups[-1:]} | {one.name for one in backups if one.manifest is None}
    verified = [one.name for one in backups if one.verified() is not None]
    kept |= set(verified[-1:])
    whole = [one for one in backups if one.manifest is not None]
    kept |= _newest_of_each(whole, lambda at: at.strftime("%Y-%m-%d"), retention.days)
    kept |= _newest_of_each(whole, lambda at: at.strftime("%G-%V"), retention.weeks)
    kept |= _newest_of_each(whole, lambda at: at.strftime("%Y-%m"), retention.months)
    return [one.name for one in backups if one.name not in kept]


def _newest_of_each(backups: Sequence[Backup], period: Callable[[datetime], str], count: int) -> set[str]:
    newest = {period(one.began): one.name for one in backups}  # a later one takes the place of an earlier one
    return set(list(newest.values())[max(0, len(newest) - count) :])
