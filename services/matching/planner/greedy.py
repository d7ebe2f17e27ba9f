"""The engine `greedy`: takes the orders by urgency and waiting time, and gives each the cheapest free providers."""

from collections.abc import Iterable

from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.roster import Chosen, Roster


def solve(candidates: Candidates) -> Chosen:
    """The plan for all orders; ties break by id."""
    return fill(Roster(candidates), range(len(candidates.orders))).chosen


def fill(roster: Roster, orders: Iterable[int]) -> Roster:
    """Adds teams for these orders to the roster, as far as providers are free, and returns the roster."""
    candidates = roster.candidates

    def first(n: int) -> tuple[int, int, int]:
        return -candidates.weight(candidates.orders[n]), -candidates.orders[n].waited, n

    for n in sorted(orders, key=first):
        team = roster.cheapest_team(n)
        if team is not None:
            roster.take(team)
    return roster
