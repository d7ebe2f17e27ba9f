"""The engine `optimal`: what costs least of all that serves the most, by HiGHS, over the nearest providers of each order."""

from microgov.services.matching.planner.candidates import Field
from microgov.services.matching.planner.greedy import fill
from microgov.services.matching.planner.linear import cheapest
from microgov.services.matching.planner.model import Model
from microgov.services.matching.planner.roster import Chosen, Roster


def solve(field: Field, nearest: int | None = None) -> Chosen:
    """The cheapest plan; what the pruning kept from anybody is filled in after it. `nearest` 0: nothing is pruned."""
    most = field.weights.nearest if nearest is None else nearest
    model = Model(field, [field.edges(n, most or None) for n in range(len(field.orders))])
    roster = Roster(field, model.chosen(cheapest(model)))
    settle(roster)
    return fill(roster, [n for n in range(len(field.orders)) if n not in roster.chosen]).chosen


def settle(roster: Roster) -> None:
    """Ties by id: of teams that cost the same, the one that the cheapest and smallest ids make."""
    for n, team in sorted(roster.chosen.items()):
        if not roster.field.same(n, {edge.cost for edge in team}, {edge.provider for edge in team}):
            continue
        roster.drop(n)
        other = roster.fill(n)
        same = other is not None and sum(e.cost for e in other) <= sum(e.cost for e in team)
        roster.take(other if same and other is not None else team)
