"""Plans for towns with few providers, scarce slots and teams: too large for exhaustive search."""

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
from tests.matching.planner.town import WEIGHTS, broken_rules, plan_value, teams_of

SLOTS, PUBLISHED_SLOTS = 10, 8
"""How many slots orders want, and how many of these are published."""
seeds = pytest.mark.parametrize("seed", [3, 12, 16, 63])


def crowded_town(seed: int) -> Snapshot:
    """A week of orders in a town; two of the slots that orders want are not published."""
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
    slots = tuple(Slot(f"slot-{n}", 1, random.randint(0, 6)) for n in range(PUBLISHED_SLOTS))
    return replace(week, orders=orders, providers=providers, slots=slots)


@pytest.mark.rule("3.4", "no plan of a crowded town breaks a rule, with teams, slots and few providers")
@seeds
@pytest.mark.parametrize("engine", ["greedy", "optimal"])
def test_no_plan_of_a_crowded_town_breaks_a_rule(engine: Engine, seed: int) -> None:
    snapshot = crowded_town(seed)

    assert broken_rules(snapshot, teams_of(plan(snapshot, WEIGHTS, engine))) == set()


@seeds
def test_neither_a_greedy_nor_a_pruned_plan_is_better_than_the_optimum(seed: int) -> None:
    snapshot = crowded_town(seed)
    every = snapshot, WEIGHTS.model_copy(update={"nearest": 0})
    best = plan_value(snapshot, teams_of(plan(*every, "optimal")))

    assert best >= plan_value(snapshot, teams_of(plan(snapshot, WEIGHTS, "optimal")))
    assert best >= plan_value(snapshot, teams_of(plan(snapshot, WEIGHTS, "greedy")))


@seeds
def test_the_number_of_columns_to_begin_with_does_not_change_the_cost(seed: int) -> None:
    candidates = Candidates(crowded_town(seed), WEIGHTS)
    pairings = [candidates.pairings(n) for n in range(len(candidates.orders))]
    costs = set()
    for first in (1, 4, None):
        model = Model(candidates, pairings, first)
        costs.add(sum(model.costs[column] for column in cheapest(model)))

    assert len(costs) == 1
