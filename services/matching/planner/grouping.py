"""Care teams 128 联户 (domain.md §3.2, 3.4): one party member, one dasao and one landlord for up to eight households.

The cost of a household in a team is the walking distance to each of the three members; it is higher if the dasao does not
speak the household's dialect, and lower in the landlord's own building. With fixed households each role is an assignment
problem, and with fixed roles the households are one. The two are solved alternately until the cost no longer falls.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner.assignment import assign
from microgov.services.matching.planner.distance import Point, metres


@dataclass(frozen=True, slots=True)
class Household:
    """A household; `dialect` is the dialect spoken in it, `building` the id of the place where it is."""

    id: str
    point: Point | None = None
    dialect: str | None = None
    building: str | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """A candidate for one of the three roles; `buildings` are set for landlords only."""

    id: str
    point: Point | None = None
    languages: frozenset[str] = frozenset()
    buildings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CareTeam:
    """A proposed team; members and households are given by ids. `costs`: the metres between the households and each of the
    three members, in the order of the fields.
    """

    party_member: str
    dasao: str
    landlord: str
    households: tuple[str, ...]
    costs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The teams, the households for which no team has room (`left_out`), and the total cost in metres after each step, which
    never rises.
    """

    teams: tuple[CareTeam, ...]
    left_out: tuple[str, ...]
    costs: tuple[int, ...]


Table = list[list[int]]
"""The cost of each household (column) with each helper (row)."""


def group(
    households: Iterable[Household],
    party_members: Iterable[Helper],
    dasao: Iterable[Helper],
    landlords: Iterable[Helper],
    weights: PlanningRules,
) -> Grouping:
    """Forms as many teams as are needed for the households and as the scarcest role allows. Ties are broken by id."""
    homes = sorted(households, key=lambda one: one.id)
    helpers = [sorted(role, key=lambda one: one.id) for role in (party_members, dasao, landlords)]
    size = weights.team_households
    count = min(-(-len(homes) // size), *(len(role) for role in helpers))
    tables = [
        _table(role, homes, extra, weights)
        for role, extra in zip(helpers, (_none, _dialect, _own), strict=True)
    ]
    roles, seats, cost = _round(tables, _first(homes, count, size, weights), size)
    costs = [cost]
    while (better := _round(tables, seats, size))[2] < costs[-1]:
        roles, seats, cost = better
        costs.append(cost)
    teams = [
        CareTeam(
            party_member=helpers[0][roles[0][t]].id,
            dasao=helpers[1][roles[1][t]].id,
            landlord=helpers[2][roles[2][t]].id,
            households=tuple(homes[h].id for h in seat),
            costs=tuple(sum(tables[r][roles[r][t]][h] for h in seat) for r in range(3)),
        )
        for t, seat in enumerate(seats)
    ]
    seated = {h for team in seats for h in team}
    left_out = tuple(home.id for h, home in enumerate(homes) if h not in seated)
    return Grouping(tuple(sorted(teams, key=lambda team: team.households)), left_out, tuple(costs))


def _round(tables: list[Table], seats: Table, size: int) -> tuple[list[list[int]], Table, int]:
    """One step: finds the best helpers for these households, then the best households for these helpers; returns both, and
    the total cost.
    """
    roles = [_roles(table, seats) for table in tables]
    moved = _seats(tables, roles, len(tables[0][0]) if seats else 0, size)
    return (
        roles,
        moved,
        sum(tables[r][roles[r][t]][h] for r in range(3) for t, team in enumerate(moved) for h in team),
    )


def _first(homes: list[Household], count: int, size: int, weights: PlanningRules) -> Table:
    """The teams at the start: each has the first remaining household and those nearest to it."""
    rest, found = list(range(len(homes))), []
    for _ in range(count):
        centre = homes[rest[0]].point if rest else None
        rest.sort(key=lambda h: (_walk(centre, homes[h].point, weights), h))
        found.append(rest[:size])
        rest = sorted(rest[size:])
    return found


def _roles(table: Table, seats: Table) -> list[int]:
    """For each team, the helper of this role."""
    return assign([[sum(row[h] for h in team) for row in table] for team in seats])


def _seats(tables: list[Table], roles: list[list[int]], homes: int, size: int) -> Table:
    """For each team, its households; if there are more households than seats, those that cost the least."""
    count = len(roles[0])
    costs = [[sum(tables[r][roles[r][t]][h] for r in range(3)) for t in range(count)] for h in range(homes)]
    found: Table = [[] for _ in range(count)]
    if homes <= count * size:
        for h, seat in enumerate(assign([[cost for cost in row for _ in range(size)] for row in costs])):
            found[seat // size].append(h)
    else:
        for seat, h in enumerate(
            assign([[row[t] for row in costs] for t in range(count) for _ in range(size)])
        ):
            found[seat // size].append(h)
    return [sorted(team) for team in found]


Extra = Callable[[Helper, Household, PlanningRules], int]


def _table(role: Sequence[Helper], homes: Sequence[Household], extra: Extra, weights: PlanningRules) -> Table:
    return [
        [_walk(one.point, home.point, weights) + extra(one, home, weights) for home in homes] for one in role
    ]


def _walk(a: Point | None, b: Point | None, weights: PlanningRules) -> int:
    return weights.unknown_metres if a is None or b is None else metres(a, b)


def _none(helper: Helper, home: Household, weights: PlanningRules) -> int:
    return 0


def _dialect(helper: Helper, home: Household, weights: PlanningRules) -> int:
    return weights.dialect_metres * (home.dialect is not None and home.dialect not in helper.languages)


def _own(helper: Helper, home: Household, weights: PlanningRules) -> int:
    return -weights.own_building_metres * (home.building is not None and home.building in helper.buildings)
