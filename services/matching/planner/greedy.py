"""The engine `greedy`: the most urgent and longest waiting order first, and each gets the cheapest who are free."""

from collections.abc import Iterable

from microgov.services.matching.planner.candidates import Field
from microgov.services.matching.planner.roster import Chosen, Roster


def solve(field: Field) -> Chosen:
    """Ties by id."""
    return fill(Roster(field), range(len(field.orders))).chosen


def fill(roster: Roster, orders: Iterable[int]) -> Roster:
    """Serves of these orders what the roster leaves room for."""
    field = roster.field

    def first(n: int) -> tuple[int, int, int]:
        return -field.weight(field.orders[n]), -field.orders[n].waited, n

    for n in sorted(orders, key=first):
        team = roster.fill(n)
        if team is not None:
            roster.take(team)
    return roster
