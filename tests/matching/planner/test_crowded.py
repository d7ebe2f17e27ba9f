"""Towns in which few are there for much, slots are scarce and teams are wanted: too large to try every plan."""

from dataclasses import replace
from random import Random

import pytest

from bench.planner_town import Town
from microgov.services.matching.planner import Slot, Snapshot
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.linear import cheapest
from microgov.services.matching.planner.model import Model
from microgov.services.matching.planner.plan import Engine, plan
from microgov.services.matching.planner.snapshot import ORGANISATION
from tests.matching.planner.town import WEIGHTS, broken, teams, worth

SLOTS, OPEN = 10, 8
seeds = pytest.mark.parametrize("seed", [3, 12, 16, 63])


def crowded(seed: int) -> Snapshot:
    """Two slots are wanted that nobody published."""
    random = Random(seed)
    week = Town(seed).week(120, random.choice([20, 40, 60]))
    orders = tuple(
        replace(
            order,
            slot=f"slot-{random.randrange(SLOTS)}" if random.random() < 0.4 else None,
            needed=random.choice([1, 1, 1, 2, 3]),
            lead_needed=random.random() < 0.2,
        )
        for order in week.orders
    )
    providers = tuple(replace(p, role=ORGANISATION) if random.random() < 0.05 else p for p in week.providers)
    slots = tuple(Slot(f"slot-{n}", 1, random.randint(0, 6)) for n in range(OPEN))
    return replace(week, orders=orders, providers=providers, slots=slots)


@pytest.mark.rule("3.4", "no plan of a crowded town breaks a rule, with teams, slots and few who are there")
@seeds
@pytest.mark.parametrize("engine", ["greedy", "optimal"])
def test_no_plan_of_a_crowded_town_breaks_a_rule(engine: Engine, seed: int) -> None:
    snapshot = crowded(seed)

    assert broken(snapshot, teams(plan(snapshot, WEIGHTS, engine))) == set()


@seeds
def test_greedy_is_never_better_nor_is_what_was_pruned(seed: int) -> None:
    snapshot = crowded(seed)
    every = snapshot, WEIGHTS.model_copy(update={"nearest": 0})
    best = worth(snapshot, teams(plan(*every, "optimal")))

    assert best >= worth(snapshot, teams(plan(snapshot, WEIGHTS, "optimal")))
    assert best >= worth(snapshot, teams(plan(snapshot, WEIGHTS, "greedy")))


@seeds
def test_with_how_few_it_begins_says_nothing(seed: int) -> None:
    candidates = Candidates(crowded(seed), WEIGHTS)
    pairings = [candidates.pairings(n) for n in range(len(candidates.orders))]
    costs = set()
    for first in (1, 4, None):
        model = Model(candidates, pairings, first)
        costs.add(sum(model.costs[column] for column in cheapest(model)))

    assert len(costs) == 1
