"""The engine `optimal`: serves as many orders as possible at the least cost, by HiGHS, over the nearest providers."""

from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.greedy import fill
from microgov.services.matching.planner.linear import cheapest
from microgov.services.matching.planner.model import Model
from microgov.services.matching.planner.roster import Chosen, Roster


def solve(candidates: Candidates, nearest: int | None = None) -> Chosen:
    """The cheapest plan with about `nearest` providers per order (default: the rules; 0: all). Orders left out because of
    this limit are filled in afterwards.
    """
    most = candidates.weights.nearest if nearest is None else nearest
    model = Model(candidates, [candidates.pairings(n, most or None) for n in range(len(candidates.orders))])
    roster = Roster(candidates, model.chosen(cheapest(model)))
    break_ties(roster)
    return fill(roster, [n for n in range(len(candidates.orders)) if n not in roster.chosen]).chosen


def break_ties(roster: Roster) -> None:
    """Breaks ties by id: a team is replaced by the team that the greedy choice makes, if that costs no more."""
    for n, team in sorted(roster.chosen.items()):
        if not roster.candidates.has_another(
            n, {pairing.cost for pairing in team}, {pairing.provider for pairing in team}
        ):
            continue
        roster.drop(n)
        other = roster.cheapest_team(n)
        same = other is not None and sum(e.cost for e in other) <= sum(e.cost for e in team)
        roster.take(other if same and other is not None else team)
