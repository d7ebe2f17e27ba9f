"""Each hard rule by example: what it allows, what it forbids, and how an unplaced order names the rule that forbade most."""

from dataclasses import replace
from typing import Any

import pytest

from microgov.services.matching.planner import (
    Order,
    Point,
    Provider,
    Qualification,
    Slot,
    Snapshot,
    Task,
    Window,
    plan,
)
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.plan import Engine
from microgov.services.matching.planner.rules import HARD, clash
from microgov.services.matching.planner.snapshot import DAY, LEAD, ORGANISATION
from tests.matching.planner.town import WEIGHTS, teams_of

MIDNIGHT = 20_517 * DAY - 480
"""Midnight by local time (UTC+8) of day 20,517 since 1970, in minutes since 1970 (UTC)."""
HERE, A_KILOMETRE_AWAY = Point(30_400_000, 120_280_000), Point(30_408_993, 120_280_000)
"""Two points, a kilometre apart."""
ORDER = Order("o", 1, "b", ("yuanbu", "town"), HERE, MIDNIGHT + 600, MIDNIGHT + 660)
PROVIDER = Provider("p", 1)
RULES = {rule.name: rule for rule in HARD}


def busy_at(starts: int, ends: int, point: Point | None = HERE) -> tuple[Task, ...]:
    """A task between these minutes of the local day."""
    return (Task(MIDNIGHT + starts, MIDNIGHT + ends, point),)


def qualified_until(name: str, days: int | None) -> frozenset[Qualification]:
    """A qualification that is valid up to and including so many days after MIDNIGHT, or without end."""
    return frozenset({Qualification(name, None if days is None else 20_517 + days)})


CHECK = {"requires": frozenset({"check"})}
"""Fields of an order that requires a check."""
CASES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("offer", {"organisation": "org-1"}, {"organisation": "org-1"}, True),
    ("offer", {"organisation": "org-1"}, {"organisation": "org-2"}, False),
    ("offer", {"organisation": "org-1"}, {}, False),
    ("area", {}, {"areas": frozenset({"town"})}, True),
    ("area", {}, {"areas": frozenset({"elsewhere"})}, False),
    ("area", {}, {"areas": frozenset()}, False),
    ("qualification", CHECK, {"qualifications": qualified_until("check", None)}, True),
    ("qualification", CHECK, {"qualifications": qualified_until("check", 0)}, True),
    ("qualification", CHECK, {"qualifications": qualified_until("check", -1)}, False),
    ("qualification", CHECK, {"qualifications": qualified_until("repair", None)}, False),
    ("language", {"language": "wenzhou"}, {"languages": frozenset({"wenzhou"})}, True),
    ("language", {"language": "wenzhou"}, {}, False),
    ("availability", {}, {"windows": (Window(MIDNIGHT + 600, MIDNIGHT + 660),)}, True),
    ("availability", {}, {"windows": (Window(MIDNIGHT + 601, MIDNIGHT + 900),)}, False),
    ("availability", {}, {"windows": (Window(MIDNIGHT + 540, MIDNIGHT + 659),)}, False),
    ("availability", {}, {"windows": ()}, False),
    ("overlap", {}, {"tasks": busy_at(540, 600)}, True),
    ("overlap", {}, {"tasks": busy_at(540, 601)}, False),
    ("overlap", {}, {"tasks": busy_at(660, 720)}, True),
    ("overlap", {}, {"tasks": busy_at(659, 720)}, False),
    ("overlap", {}, {"tasks": busy_at(540, 586, A_KILOMETRE_AWAY)}, True),
    ("overlap", {}, {"tasks": busy_at(540, 587, A_KILOMETRE_AWAY)}, False),
    ("overlap", {}, {"tasks": busy_at(540, 585, None)}, True),
    ("overlap", {}, {"tasks": busy_at(540, 586, None)}, False),
    ("overlap", {}, {"tasks": busy_at(540, 720), "role": ORGANISATION}, True),
    (
        "overlap",
        {"starts": MIDNIGHT + DAY - 30, "ends": MIDNIGHT + DAY + 30},
        {"tasks": busy_at(DAY, DAY + 60)},
        False,
    ),
    (
        "overlap",
        {"starts": MIDNIGHT - 4 * DAY, "ends": MIDNIGHT + 4 * DAY},
        {"tasks": busy_at(600, 660)},
        False,
    ),
    ("daily_cap", {}, {"daily_cap": 2, "tasks": busy_at(900, 960)}, True),
    ("daily_cap", {}, {"daily_cap": 1, "tasks": busy_at(900, 960)}, False),
    ("daily_cap", {}, {"daily_cap": 1, "tasks": busy_at(DAY, DAY + 60)}, True),
    ("conflict", {}, {"conflicts": frozenset({"other"})}, True),
    ("conflict", {}, {"conflicts": frozenset({"b"})}, False),
    ("conflict", {"beneficiary": "p"}, {}, False),
    ("team", {"lead_needed": True}, {"role": LEAD}, True),
    ("team", {"lead_needed": True}, {}, False),
    ("team", {"lead_needed": True, "needed": 2}, {}, True),
]
"""Name of the rule, fields of the order, fields of the provider, and whether the rule allows the pair."""


@pytest.mark.parametrize(("name", "of_order", "of_provider", "holds"), CASES)
def test_a_rule_allows_or_forbids_a_pair_of_order_and_provider(
    name: str, of_order: dict[str, Any], of_provider: dict[str, Any], holds: bool
) -> None:
    order, provider = replace(ORDER, **of_order), replace(PROVIDER, **of_provider)
    snapshot = Snapshot(MIDNIGHT, (order,), (provider,))

    assert RULES[name].holds(order, provider, snapshot, WEIGHTS) == holds
    assert Candidates(snapshot, WEIGHTS).excluded(RULES[name], order) == (not holds)
    if not holds:
        (one,) = plan(snapshot, WEIGHTS).unplaced
        assert (one.rule, one.excluded) == (name, 1)
        assert one.why.zh.endswith(RULES[name].zh)
        assert one.why.en == f"1 of 1 {RULES[name].en}."


def test_every_rule_has_an_example_that_it_allows_and_one_that_it_forbids() -> None:
    assert {(name, holds) for name, *_, holds in CASES} == {
        (rule.name, holds) for rule in HARD for holds in (True, False)
    }


def test_two_consecutive_tasks_clash_only_if_there_is_a_way_between_them() -> None:
    (a,), (b,) = busy_at(0, 60), busy_at(60, 120)
    (far,) = busy_at(60, 120, A_KILOMETRE_AWAY)

    assert not clash(a, b, WEIGHTS)
    assert clash(a, far, WEIGHTS)
    assert clash(far, a, WEIGHTS)


@pytest.mark.parametrize("engine", ["greedy", "optimal"])
def test_one_person_gets_only_orders_that_they_have_the_time_to_walk_to(engine: Engine) -> None:
    """The second order begins at once, a kilometre away; the third one there begins a quarter of an hour later."""
    orders = (
        replace(ORDER, id="o-1", waited=3),
        replace(ORDER, id="o-2", point=A_KILOMETRE_AWAY, starts=MIDNIGHT + 660, ends=MIDNIGHT + 720),
        replace(
            ORDER, id="o-3", point=A_KILOMETRE_AWAY, starts=MIDNIGHT + 675, ends=MIDNIGHT + 735, waited=2
        ),
    )

    made = plan(Snapshot(MIDNIGHT, orders, (replace(PROVIDER, point=HERE, daily_cap=9),)), WEIGHTS, engine)

    assert teams_of(made) == {"o-1": ("p",), "o-3": ("p",)}
    assert made.unplaced[0].rule == "taken"
    assert "1" in made.unplaced[0].why.en


def test_an_unplaced_order_names_the_rule_that_excluded_most_providers() -> None:
    elsewhere = [replace(PROVIDER, id=f"p-{n}", areas=frozenset({"elsewhere"})) for n in (1, 2)]
    nearby = replace(PROVIDER, id="p-3")
    wish = replace(ORDER, language="wenzhou")

    (one,) = plan(Snapshot(MIDNIGHT, (wish,), (*elsewhere, nearby)), WEIGHTS).unplaced

    assert (one.rule, one.excluded) == ("language", 3)
    assert one.why.en == "3 of 3 do not speak the language."
    assert plan(Snapshot(MIDNIGHT, (wish,), ()), WEIGHTS).unplaced[0].rule == "nobody"
    full = Snapshot(MIDNIGHT, (replace(ORDER, slot="am"),), (PROVIDER,), (Slot("am", 1, 0),))
    assert plan(full, WEIGHTS).unplaced[0].rule == "slot_full"


@pytest.mark.parametrize(
    ("of_other", "code", "words"),
    [
        ({"jobs": 2}, "dearer", "costs 100 m more"),
        ({}, "tie", "the smaller id"),
        ({"point": HERE, "tasks": ()}, "busy", "the order o-2"),
    ],
)
def test_the_runner_up_is_named_with_the_reason_against_it(
    of_other: dict[str, Any], code: str, words: str
) -> None:
    chosen = replace(PROVIDER, id="p-1", point=HERE)
    other = replace(chosen, id="p-2", **of_other)
    orders = (ORDER, replace(ORDER, id="o-2", language="wenzhou"))
    if code == "busy":
        chosen, other = replace(chosen, jobs=1), replace(other, languages=frozenset({"wenzhou"}))

    one = plan(Snapshot(MIDNIGHT, orders, (chosen, other)), WEIGHTS, "optimal").suggestions[0]

    assert one.provider == "p-1"
    assert one.runner_up is not None
    assert (one.runner_up.provider, one.runner_up.code) == ("p-2", code)
    assert words in one.runner_up.why_not.en
    assert one.runner_up.why_not.zh
