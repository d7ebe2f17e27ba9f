"""Both engines compared with every possible plan: no hard rule is broken, `optimal` is best, input order does not matter."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner import Order, Plan, Point, Provider, Slot, Snapshot, plan
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.highs import NotInstalled
from microgov.services.matching.planner.plan import Engine
from microgov.services.matching.planner.rules import HARD
from microgov.services.matching.planner.snapshot import LEAD, ORGANISATION
from tests.matching.planner.town import (
    NOW,
    WEIGHTS,
    best_value,
    broken_rules,
    plan_value,
    snapshots,
    teams_of,
)
from tests.support.property_budget import TRIES

SLOW_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
SLOW = settings(deadline=None, max_examples=6 * TRIES, suppress_health_check=SLOW_CHECKS)
engines = pytest.mark.parametrize("engine", ["greedy", "optimal"])


@pytest.mark.rule("3.4", "`optimal` is the best of all plans")
@pytest.mark.machine
@SLOW
@given(snapshots(6, 6))
def test_the_optimum_is_the_best_of_all_plans_and_greedy_is_never_better(snapshot: Snapshot) -> None:
    most = best_value(snapshot)

    assert plan_value(snapshot, teams_of(plan(snapshot, WEIGHTS, "optimal"))) == most
    assert plan_value(snapshot, teams_of(plan(snapshot, WEIGHTS, "greedy"))) <= most


@pytest.mark.rule("3.4", "every suggestion satisfies every hard rule")
@engines
@pytest.mark.machine
@SLOW
@given(snapshot=snapshots(12, 8))
def test_every_suggestion_satisfies_every_hard_rule(engine: Engine, snapshot: Snapshot) -> None:
    made = plan(snapshot, WEIGHTS, engine)

    assert broken_rules(snapshot, teams_of(made)) == set()
    assert {one.order for one in made.suggestions} | {one.order for one in made.unplaced} == {
        o.id for o in snapshot.orders
    }
    for one in made.suggestions:
        assert sum(part.metres for part in one.why) == one.cost


@engines
@pytest.mark.machine
@SLOW
@given(snapshot=snapshots(8, 8), seed=st.integers(0, 1000))
def test_the_order_of_the_input_does_not_change_the_plan(
    engine: Engine, snapshot: Snapshot, seed: int
) -> None:
    orders, providers = list(snapshot.orders), list(snapshot.providers)
    Random(seed).shuffle(orders)
    Random(seed + 1).shuffle(providers)
    mixed = replace(snapshot, orders=tuple(orders), providers=tuple(providers))

    assert plan(mixed, WEIGHTS, engine) == plan(snapshot, WEIGHTS, engine)


@pytest.mark.machine
@SLOW
@given(snapshots(6, 8))
def test_rules_evaluated_in_groups_equal_rules_evaluated_by_pair(snapshot: Snapshot) -> None:
    candidates = Candidates(snapshot, WEIGHTS)

    for order in candidates.orders:
        for rule in HARD:
            kept = candidates.excluded(rule, order)
            for n, provider in enumerate(candidates.providers):
                assert (kept >> n & 1 == 0) == rule.holds(order, provider, snapshot, WEIGHTS), rule.name


def order(id: str, **values: object) -> Order:
    """An order with these fields changed."""
    return replace(Order(id=id, version=1, beneficiary="b", path=("town",)), **values)  # type: ignore[arg-type]  # fields by name


def provider(id: str, **values: object) -> Provider:
    """A provider with these fields changed."""
    return replace(Provider(id=id, version=1), **values)  # type: ignore[arg-type]  # fields by name


def planned(
    orders: list[Order], providers: list[Provider], engine: Engine = "optimal", **weights: int
) -> Plan:
    """The plan for a snapshot of these orders and providers; `weights` are planning rules that differ from the defaults."""
    return plan(Snapshot(NOW, tuple(orders), tuple(providers)), PlanningRules.model_validate(weights), engine)


NEAR, FAR = Point(30_400_000, 120_280_000), Point(30_400_000, 120_380_000)
"""Two points, nearly ten kilometres apart."""
MORNING = {"starts": NOW, "ends": NOW + 60}
"""The time of an order that lasts an hour."""


@engines
def test_a_more_urgent_order_goes_before_a_nearer_one(engine: Engine) -> None:
    urgent = order("o-2", point=FAR, urgency="urgent", **MORNING)

    made = planned([order("o-1", point=NEAR, **MORNING), urgent], [provider("p-1", point=NEAR)], engine)

    assert teams_of(made) == {"o-2": ("p-1",)}
    assert made.unplaced[0].rule == "taken"


@pytest.mark.rule("3.4", "serving more outweighs every preference")
def test_serving_one_more_outweighs_any_walk() -> None:
    only_p1 = order("o-1", point=FAR, requires=frozenset(), language="wenzhou", **MORNING)
    speaks = provider("p-1", point=NEAR, languages=frozenset({"wenzhou"}))

    made = planned([only_p1, order("o-2", point=NEAR, **MORNING)], [speaks, provider("p-2", point=FAR)])

    assert teams_of(made) == {"o-1": ("p-1",), "o-2": ("p-2",)}


@engines
def test_a_provider_with_fewer_jobs_or_known_to_the_beneficiary_or_in_the_plan_is_preferred(
    engine: Engine,
) -> None:
    both = [provider("p-1", point=NEAR, jobs=1), provider("p-2", point=NEAR)]

    assert teams_of(planned([order("o", point=NEAR)], both, engine)) == {"o": ("p-2",)}
    assert teams_of(planned([order("o", point=NEAR, served_before=frozenset({"p-1"}))], both, engine)) == {
        "o": ("p-1",)
    }
    assert teams_of(planned([order("o", point=NEAR, planned=frozenset({"p-1"}))], both, engine)) == {
        "o": ("p-1",)
    }
    assert teams_of(planned([order("o", point=NEAR)], both, engine, fairness_metres=0)) == {"o": ("p-1",)}, (
        "ties by id"
    )


@engines
def test_a_team_has_its_lead_or_nobody_is_suggested(engine: Engine) -> None:
    double = order("o", needed=2, lead_needed=True)
    helpers = [provider("p-1"), provider("p-2")]

    assert teams_of(planned([double], helpers, engine)) == {}
    assert teams_of(planned([double], [*helpers, provider("p-3", role=LEAD, jobs=9)], engine)) == {
        "o": ("p-1", "p-3")
    }


@engines
def test_an_organisation_is_a_team_by_itself_and_has_a_lead_if_it_has_a_social_worker(engine: Engine) -> None:
    double = order("o", needed=2, lead_needed=True)
    one, other = (provider(f"org-{n}", role=ORGANISATION, leads=n == 2) for n in (1, 2))

    assert teams_of(planned([double], [one], engine)) == {}
    assert teams_of(planned([double], [one, other], engine)) == {"o": ("org-2",)}
    assert teams_of(planned([order("o", needed=3)], [one, provider("p-1"), provider("p-2")], engine)) == {
        "o": ("org-1",)
    }
    near = [provider(f"p-{n}", role=LEAD, point=NEAR) for n in (1, 2)]
    assert teams_of(planned([replace(double, point=NEAR)], [other, *near], engine)) == {"o": ("p-1", "p-2")}


@engines
def test_a_slot_is_not_filled_beyond_its_places(engine: Engine) -> None:
    orders = tuple(order(f"o-{n}", slot="am") for n in range(3))
    snapshot = Snapshot(NOW, orders, tuple(provider(f"p-{n}") for n in range(3)), (Slot("am", 7, 2),))

    made = plan(snapshot, WEIGHTS, engine)

    assert len(made.suggestions) == 2
    assert {one.versions.slot for one in made.suggestions} == {7}
    assert [one.rule for one in made.unplaced] == ["slot_full"]


def test_without_highspy_the_engine_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "highspy", None)

    with pytest.raises(NotInstalled, match=r"pip install 'microgov\[planner\]'"):
        planned([order("o")], [provider("p")])
    assert teams_of(planned([order("o")], [provider("p")], "greedy")) == {"o": ("p",)}
