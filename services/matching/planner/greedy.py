"""The engine `greedy`: orders by urgency and waiting time; each gets the cheapest free providers."""

from collections.abc import Iterable

from microgov.services.matching.planner.candidates import Field
from microgov.services.matching.planner.roster import Chosen, Roster


def solve(field: Field) -> Chosen:
    """The plan for all orders; ties break by id."""
    return fill(Roster(field), range(len(field.orders))).chosen


def fill(roster: Roster, orders: Iterable[int]) -> Roster:
    """Adds teams for these orders, as far as the roster has room."""
    field = roster.field

    def first(n: int) -> tuple[int, int, int]:
        return -field.weight(field.orders[n]), -field.orders[n].waited, n

    for n in sorted(orders, key=first):
        team = roster.fill(n)
        if team is not None:
            roster.take(team)
    return roster
