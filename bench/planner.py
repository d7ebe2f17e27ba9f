"""P8: a plan of a week with 1,000 orders for 500 volunteers, by both engines, and by CBC over PuLP with the same
objective.

Each gets a snapshot and returns who serves which order. `exact` is `optimal` with all providers of every order as
candidates instead of the nearest ones; the others are compared with it. CBC gets the same candidates as `optimal`,
and every rule at once.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.planner_town import Town
from microgov.contracts.rules.planner import PlanningRules
from microgov.services.chassis.memory import freeze_heap
from microgov.services.matching.planner import Snapshot, greedy, optimal, plan
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.model import Model
from microgov.services.matching.planner.roster import Chosen

ORDERS, VOLUNTEERS = 1000, 500
WEIGHTS = PlanningRules()


def cbc(candidates: Candidates) -> Chosen:
    """A plan by PuLP in the usual way: a variable for each candidate, a sum for each rule."""
    import pulp

    model = Model(
        candidates,
        [candidates.pairings(n, WEIGHTS.nearest) for n in range(len(candidates.orders))],
        first=None,
    )
    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    taken = [pulp.LpVariable(f"x{n}", cat="Binary") for n in range(len(model.costs))]
    problem += pulp.lpSum(cost * x for cost, x in zip(model.costs, taken, strict=True))
    for columns, values, least, most in model.rows:
        total = pulp.lpSum(value * taken[column] for column, value in zip(columns, values, strict=True))
        problem += total <= most
        if least == most or -1 in values:
            problem += total >= least
    problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, threads=1))
    return model.chosen(n for n, x in enumerate(taken) if x.value() > 0.5)


CONTESTANTS: dict[str, Callable[[Candidates], Chosen]] = {
    "optimal": optimal.solve,
    "greedy": greedy.solve,
    "cbc": cbc,
    "exact": lambda candidates: optimal.solve(candidates, nearest=0),
}


def measure(name: str, snapshot: Snapshot) -> dict[str, Any]:
    """Plans the snapshot. Returns seconds, the weight of the orders served (an urgent one weighs more), and the cost
    in metres.
    """
    began = time.perf_counter()
    candidates = Candidates(snapshot, WEIGHTS)
    chosen = CONTESTANTS[name](candidates)
    seconds = time.perf_counter() - began
    served = sum(candidates.weight(candidates.orders[n]) for n in chosen)
    waited = sum(WEIGHTS.waited_metres * candidates.orders[n].waited for n in chosen)
    cost = sum(pairing.cost for team in chosen.values() for pairing in team)
    return {
        "seconds": seconds,
        "served": served,
        "cost": cost,
        "objective": cost - waited,
        "orders": len(chosen),
    }


def main() -> None:
    """Takes the arguments CONTESTANT SEED and prints one line of JSON.

    `explained` is the time of the whole `plan`, with reasons and runners-up, in seconds.
    """
    name, seed = sys.argv[1], int(sys.argv[2])
    snapshot = Town(seed).week(ORDERS, VOLUNTEERS)
    freeze_heap()  # as every service does
    measure(name, Town(seed + 1).week(20, 10))  # imports and first calls are not measured
    found = measure(name, snapshot)
    if name in ("greedy", "optimal"):
        began = time.perf_counter()
        plan(snapshot, WEIGHTS, name)  # type: ignore[arg-type]  # one of the two engines
        found["explained"] = time.perf_counter() - began
    print(json.dumps(found))


if __name__ == "__main__":
    main()
