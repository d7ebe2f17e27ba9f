"""Service lists of visits with the real matching service: a line becomes an order, whose state comes back to the line."""

from typing import Any

import pytest

from microgov.contracts import issues, matching
from microgov.services.issues.visits.lines import Line
from microgov.testing.service_driver import ServiceDriver
from tests.issues import visit_steps
from tests.matching import order_steps


def start_with_service_line(**service: Any) -> tuple[ServiceDriver, ServiceDriver, str]:
    """Both services, matching with an offer, and the id of the order that the visit's only line requests."""
    issue_side, matching_side = visit_steps.start(), order_steps.start()
    visit_steps.make_visit(issue_side)
    line = issues.ServiceLine.model_validate({"text": "水管漏水", **service})
    said = issue_side.say(
        issues.RecordVisitLists(problems=[], services=[line]),
        visit_steps.visit_id(issue_side),
        **visit_steps.FEDERATION,
    )
    visit_steps.exchange_events(issue_side, matching_side)
    return issue_side, matching_side, said[-1].subject


@pytest.mark.rule("2.4", "each line of a visit's lists is one issue or one order")
@pytest.mark.parametrize("wanted", [{}, {"offer": "offer-1"}, {"offer": "offer-1", "slot": "am"}], ids=str)
def test_a_line_becomes_one_order_for_the_person_met_placed_by_the_visitor(wanted: dict[str, str]) -> None:
    issue_side, matching_side, order = start_with_service_line(**wanted)

    shown = order_steps.show(matching_side, order)
    (listed,) = order_steps.orders(matching_side)
    (line,) = visit_steps.show(issue_side).lines
    assert (shown.beneficiary, shown.placed_by, shown.text) == ("p-1", "p-fed", "水管漏水")
    assert (listed.order, listed.state) == (order, "placed")
    assert (listed.offer, listed.slot) == (wanted.get("offer"), wanted.get("slot"))
    assert (line.entity, line.state) == (order, "placed")


def test_the_line_follows_its_order_until_it_is_rated() -> None:
    issue_side, matching_side, order = start_with_service_line(offer="offer-1", slot="am")

    matching_side.say(matching.ScreenOrder(accepted=True, reason="x"), order, by="p-branch")
    order_steps.assign_order(matching_side, order)
    matching_side.say(matching.AcceptAssignment(), order, by="p-rep")
    order_steps.propose_person(matching_side, order=order)
    order_steps.accept_proposal(matching_side)
    matching_side.say(matching.CheckIn(channel="app"), order, by="p-5")
    matching_side.say(matching.ReportDone(minutes=40, note="x"), order, by="p-rep")
    states = list[str]()
    for m in matching_side.log:
        issue_side.fold(m)
        states += [line.state for line in visit_steps.show(issue_side).lines]
    matching_side.log.clear()
    matching_side.say(matching.RateOrder(stars=5, channel="app"), order, by="p-1")
    visit_steps.exchange_events(issue_side, matching_side)

    assert states == [
        "ready",
        "assigned",
        "staffing",
        "staffing",
        "staffing",
        "scheduled",
        "in_service",
        "done",
        "done",
    ]
    (line,) = visit_steps.show(issue_side).lines
    assert (line.state, line.outcome) == ("closed", "fulfilled")
    assert order_steps.show(matching_side, order).state == "closed"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"offer": "offer-9"}, "not_found"),
        ({"offer": "offer-1", "slot": "night"}, "unknown_slot"),
        ({"slot": "am"}, "unknown_slot"),
    ],
    ids=str,
)
def test_a_line_that_cannot_become_an_order_ends_and_matching_gives_the_reason(
    wanted: dict[str, str], code: str
) -> None:
    issue_side, matching_side = visit_steps.start(), order_steps.start()
    visit_steps.make_visit(issue_side)
    line = issues.ServiceLine.model_validate({"text": "x", **wanted})
    issue_side.say(
        issues.RecordVisitLists(problems=[], services=[line]),
        visit_steps.visit_id(issue_side),
        **visit_steps.FEDERATION,
    )
    for m in issue_side.log:
        matching_side.fold(m)

    refused = matching_side.log[-1].data
    visit_steps.exchange_events(issue_side, matching_side)

    assert isinstance(refused, matching.OrderNotPlaced)
    assert refused.code == code
    assert refused.message.zh
    assert refused.message.en
    assert order_steps.orders(matching_side) == []
    assert [line.state for line in visit_steps.show(issue_side).lines] == ["not_placed"]


def test_a_line_whose_order_id_is_taken_ends_without_an_order() -> None:
    issue_side, matching_side = visit_steps.start(), order_steps.start()
    visit_steps.make_visit(issue_side)
    order_steps.place_order(matching_side, Line.names(visit_steps.visit_id(issue_side), 1)[0], by="p-2")

    visit_steps.record_lists(issue_side, 0, 1)
    visit_steps.exchange_events(issue_side, matching_side)

    (taken,) = order_steps.orders(matching_side)
    assert taken.beneficiary == "p-2"
    matching_side.say(matching.ScreenOrder(accepted=True, reason="x"), taken.order, by="p-branch")
    visit_steps.exchange_events(issue_side, matching_side)
    assert [line.state for line in visit_steps.show(issue_side).lines] == ["not_placed"]
