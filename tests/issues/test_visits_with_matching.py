"""A visit's service list through the log alone: matching hears the line, and the line hears what became of the order."""

from typing import Any

import pytest

from microgov.contracts import issues as i
from microgov.contracts import matching as c
from microgov.services.issues.visits.lines import Line
from microgov.services.matching.orders.order import Order
from tests.issues import calling
from tests.matching import counter
from tests.talk import Talk


def exchange(issues: Talk, matching: Talk) -> None:
    """Each folds what the other has said since."""
    for m in issues.log:
        matching.fold(m)
    issues.log.clear()
    for m in matching.log:
        issues.fold(m)
    matching.log.clear()


def lined(**service: Any) -> tuple[Talk, Talk, str]:
    """Issues, matching (with an offer), and the id of the order that the only line asks for."""
    issues, matching = calling.start(), counter.offer()
    calling.make(issues)
    line = i.ServiceLine.model_validate({"text": "水管漏水", **service})
    said = issues.say(
        i.RecordVisitLists(problems=[], services=[line]), calling.visit(issues), **calling.FEDERATION
    )
    exchange(issues, matching)
    return issues, matching, said[-1].subject


@pytest.mark.rule("2", "each line of a visit's lists is one issue or one order")
@pytest.mark.parametrize("wanted", [{}, {"offer": "offer-1"}, {"offer": "offer-1", "slot": "am"}], ids=str)
def test_a_line_becomes_one_order_for_whom_was_met_placed_by_the_visitor(wanted: dict[str, str]) -> None:
    issues, matching, order = lined(**wanted)

    row: Order = matching.row(Order, order)
    assert (row.beneficiary, row.placed_by, row.text, row.state) == ("p-1", "p-fed", "水管漏水", "placed")
    assert (row.offer, row.slot) == (wanted.get("offer"), wanted.get("slot"))
    assert [one.id for one in matching.rows(Order)] == [order]
    assert issues.row(Line, order).state == "placed"


def test_the_line_follows_its_order_until_it_is_rated() -> None:
    issues, matching, order = lined(offer="offer-1", slot="am")

    matching.say(c.ScreenOrder(accepted=True, reason="x"), order, by="p-branch")
    counter.assign(matching, order)
    matching.say(c.AcceptAssignment(), order, by="p-rep")
    counter.propose(matching, order=order)
    counter.agree(matching)
    matching.say(c.CheckIn(channel="app"), order, by="p-5")
    matching.say(c.ReportDone(minutes=40, note="x"), order, by="p-rep")
    states = []
    for m in matching.log:
        issues.fold(m)
        states.append(issues.row(Line, order).state)
    matching.log.clear()
    matching.say(c.RateOrder(stars=5, channel="app"), order, by="p-1")
    exchange(issues, matching)

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
    line: Line = issues.row(Line, order)
    assert (line.state, line.outcome) == ("closed", "fulfilled")
    assert matching.row(Order, order).state == "closed"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"offer": "offer-9"}, "not_found"),
        ({"offer": "offer-1", "slot": "night"}, "unknown_slot"),
        ({"slot": "am"}, "unknown_slot"),
    ],
    ids=str,
)
def test_a_line_that_cannot_be_an_order_is_told_why_and_has_ended(wanted: dict[str, str], code: str) -> None:
    issues, matching = calling.start(), counter.offer()
    calling.make(issues)
    line = i.ServiceLine.model_validate({"text": "x", **wanted})
    issues.say(i.RecordVisitLists(problems=[], services=[line]), calling.visit(issues), **calling.FEDERATION)
    for m in issues.log:
        matching.fold(m)

    refused = matching.log[-1].data
    exchange(issues, matching)

    assert (
        isinstance(refused, c.OrderNotPlaced)
        and refused.code == code
        and refused.message.zh
        and refused.message.en
    )
    assert matching.rows(Order) == [] and [one.state for one in issues.rows(Line)] == ["not_placed"]


def test_where_the_order_is_there_already_the_line_gets_no_second_one() -> None:
    issues, matching = calling.start(), counter.offer()
    calling.make(issues)
    counter.place(matching, Line.names(calling.visit(issues), 1)[0], by="p-2")

    calling.record(issues, 0, 1)
    exchange(issues, matching)

    assert [one.beneficiary for one in matching.rows(Order)] == ["p-2"]
    matching.say(c.ScreenOrder(accepted=True, reason="x"), matching.rows(Order)[0].id, by="p-branch")
    exchange(issues, matching)
    assert [one.state for one in issues.rows(Line)] == ["not_placed"]
