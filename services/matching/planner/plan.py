"""The planner's function `plan`, for both engines."""

from dataclasses import dataclass
from typing import Literal

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner import greedy, optimal
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.explain import Suggestion, Unplaced, suggestions, unplaced
from microgov.services.matching.planner.roster import Roster
from microgov.services.matching.planner.snapshot import Snapshot

Engine = Literal["greedy", "optimal"]
ENGINES = {"greedy": greedy.solve, "optimal": optimal.solve}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, sorted by ids of orders."""

    suggestions: tuple[Suggestion, ...]
    unplaced: tuple[Unplaced, ...]


def plan(snapshot: Snapshot, weights: PlanningRules, engine: Engine = "greedy") -> Plan:
    """Makes a plan for the branch. `optimal` has the least cost and needs highspy (raises NotInstalled)."""
    candidates = Candidates(snapshot, weights)
    roster = Roster(candidates, ENGINES[engine](candidates))
    return Plan(tuple(suggestions(roster)), tuple(unplaced(roster)))
