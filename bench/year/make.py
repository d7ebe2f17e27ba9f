"""Makes a year: sets the town up, plans what comes up when, and lets it happen."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench.year import comings, days, offers, order, other_systems, standing, visits
from bench.year.days import BEGIN
from bench.year.issue import issue
from bench.year.ordered import Market
from bench.year.proportions import MATTERS, Size, size_of
from bench.year.setting_up import set_up
from bench.year.texts import drawn
from bench.year.town import TENANT, Town
from bench.year.year import Life, Year
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.recording import RecordingWriter

Progress = Callable[[int], None]
VISIT_ROUNDS = 2
"""Rounds of visits of a community in the year (assumption)."""


def make(
    messages: int,
    seed: int,
    sink: Callable[[Stored], None] | None = None,
    progress: Progress = lambda length: None,
) -> Year:
    """A year with about this many messages, which has passed. The same size and seed always give the same messages."""
    size = size_of(messages)
    year = Year(Town(size), seed, sink)
    set_up(year)
    _plan_standing(year)
    _plan_matters(year, size)
    year.run(progress=progress)
    return year


def write(
    path: Path,
    messages: int,
    seed: int,
    progress: Progress = lambda length: None,
    seen: Callable[[Stored], None] = lambda stored: None,
) -> Year:
    """Makes a year and writes it as a recording; `seen` gets every message, too."""
    with closing(RecordingWriter(path, TENANT)) as writer:

        def take(stored: Stored) -> None:
            writer.add(stored)
            seen(stored)

        year = make(messages, seed, take, progress)
        writer.finish(year.deployment.collected_states())
    return year


def _plan_standing(year: Year) -> None:
    chance = year.chance("standing")
    for n, community in enumerate(year.town.communities, 1):
        day = BEGIN + timedelta(days=5, hours=1 + n % 9)
        year.begin("council", day, partial(standing.council, community=community))
        year.begin("table", day, partial(standing.round_table, community=community))
        for compound in community.compounds:
            at = day + timedelta(days=3)
            year.begin("team", at, partial(standing.care_team, community=community, compound=compound))
        built = day + timedelta(days=30 + chance.randrange(200))
        year.begin("sheds", built, partial(standing.sheds, community=community, n=n))
        for k in range(VISIT_ROUNDS):
            at = day + timedelta(days=60 + 170 * k)
            year.begin("round", at, partial(visits.visit_round, community=community))
    year.begin("rules", BEGIN + timedelta(days=6), comings.rules_changed)


def _plan_matters(year: Year, size: Size) -> None:
    """Issues, orders, cases and hazards over the year; an offer for every five orders, and people who come and go."""
    chance, market = year.chance("matters"), Market()
    makers: dict[str, Callable[[Year, str], Life]] = {
        "issue": issue,
        "order": lambda y, id: order.order(y, id, market),
        "hotline": other_systems.hotline,
        "hazard": other_systems.hazard,
        "observation": standing.observation,
    }
    for at in days.starts(size.matters, chance):
        kind = drawn(MATTERS, chance)
        year.begin(kind, at + timedelta(days=10 if kind in ("order", "observation") else 0), makers[kind])
    for at in days.starts(size.matters * 12 // 100, chance):
        year.begin("offer", at, lambda y, id: offers.offer(y, id, market))
    for at in days.starts(max(4, size.matters // 60), chance):
        kind = comings.some(chance)
        year.begin(kind, at, comings.LIVES[kind])
