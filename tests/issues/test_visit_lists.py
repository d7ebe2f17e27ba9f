"""The two lists of a visit: each line becomes an issue or an order, and the feedback has the state of every line."""

import pytest

from microgov.contracts import issues, matching
from microgov.contracts.fields import Words
from microgov.contracts.message import Event
from microgov.services.issues.questions.visits import show_round
from microgov.services.issues.visits.lines import ENDS, FATES, Line
from microgov.services.matching.orders.life import LIFE as ORDERS
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps, visit_steps


def order_placed() -> matching.OrderPlaced:
    """The event by which matching places the order of a line."""
    return matching.OrderPlaced(beneficiary="p-1", placed_by="p-fed", place="yuanbu-south", channel="visit")


def shown_lines(driver: ServiceDriver) -> list[tuple[str, str, str | None]]:
    """Kind, state and outcome of each line of the visit."""
    return [(one.kind, one.state, one.outcome) for one in visit_steps.show(driver).lines]


def test_each_problem_becomes_an_issue_and_each_service_a_request_for_the_person_met() -> None:
    driver = visit_steps.start()
    visit_steps.make_visit(driver)

    said = visit_steps.record_lists(driver, problems=2, services=1)

    assert names(said) == [
        "VisitListsRecorded",
        "IssueSubmitted",
        "IssueAccepted",
        "IssueSubmitted",
        "IssueAccepted",
        "VisitServiceRequested",
    ]
    recorded, request = said[0].event, said[-1]
    assert isinstance(recorded, issues.VisitListsRecorded)
    assert isinstance(request.event, issues.VisitServiceRequested)
    assert [(one.line, one.kind) for one in recorded.lines] == [
        (1, "problem"),
        (2, "problem"),
        (3, "service"),
    ]
    assert [one.entity for one in recorded.lines] == Line.names(visit_steps.visit_id(driver), 3)
    issue = issue_steps.show(driver, recorded.lines[0].entity)
    assert (issue.reporter, issue.recorded_by, issue.channel, issue.place) == (
        "p-1",
        "p-fed",
        "visit",
        "yuanbu-south",
    )
    assert (request.subject, request.event.person, request.event.visit) == (
        recorded.lines[2].entity,
        "p-1",
        visit_steps.visit_id(driver),
    )


def test_an_issue_from_the_list_of_a_dasao_is_not_accepted_at_once() -> None:
    driver = visit_steps.start()
    visit_steps.make_visit(driver)

    assert names(visit_steps.record_lists(driver, services=0, by="p-chen", role="dasao")) == [
        "VisitListsRecorded",
        "IssueSubmitted",
    ]


def test_lists_are_refused_if_the_id_of_a_line_is_taken() -> None:
    driver = visit_steps.start()
    visit_steps.make_visit(driver)
    brought = issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app")
    driver.say(brought, Line.names(visit_steps.visit_id(driver), 2)[1], by="p-1")

    lists = issues.RecordVisitLists(problems=[visit_steps.PROBLEM_LINE] * 2, services=[])

    assert (
        refusal(driver, lists, visit_steps.visit_id(driver), **visit_steps.FEDERATION).code
        == "already_exists"
    )
    assert shown_lines(driver) == []


def test_feedback_must_answer_every_line_and_no_other() -> None:
    driver = visit_steps.start()
    visit_steps.make_and_record(driver, 1, 1)

    def code(*lines: int) -> str:
        return refusal(
            driver,
            visit_steps.giving_feedback(*lines),
            visit_steps.visit_id(driver),
            **visit_steps.FEDERATION,
        ).code

    assert (code(1), code(), code(1, 2, 3), code(1, 2, 2)) == (
        "line_missing",
        "line_missing",
        "unknown_line",
        "line_twice",
    )


@pytest.mark.rule("2.4", "feedback answers every line; the visit is closed once all lines have ended")
def test_feedback_has_the_state_of_every_line_and_closes_the_visit_once_all_have_ended() -> None:
    driver = visit_steps.start()
    problem, service = visit_steps.make_and_record(driver)
    driver.hear(order_placed(), service)

    first = visit_steps.give_feedback(driver, 1, 2)
    driver.say(issues.WithdrawIssue(channel="app"), problem, by="p-1")
    driver.hear(matching.OrderRated(organisation="o", stars=5), service)
    last = visit_steps.give_feedback(driver, 2, 1)

    assert (names(first), names(last)) == (["VisitFeedbackGiven"], ["VisitFeedbackGiven", "VisitClosed"])
    told = [
        [(one.line, one.state, one.outcome) for one in said[0].event.fates]  # type: ignore[attr-defined]  # the feedback
        for said in (first, last)
    ]
    assert told == [
        [(1, "accepted", None), (2, "placed", None)],
        [(1, "withdrawn", None), (2, "closed", "fulfilled")],
    ]
    assert show_round(issues.ShowVisitRound(round="round-1"), driver.s).closed == 1


def test_a_visit_where_nobody_asked_for_anything_is_closed_by_its_feedback() -> None:
    driver = visit_steps.start()
    visit_steps.make_and_record(driver, 0, 0)

    assert names(visit_steps.give_feedback(driver)) == ["VisitFeedbackGiven", "VisitClosed"]


@pytest.mark.parametrize(
    "event",
    [
        order_placed(),
        matching.OrderNotPlaced(code="not_found", message=Words(zh="x", en="x")),
        matching.OrderRejected(reason="x"),
        matching.OrderCancelled(reason="x"),
        matching.OrderFailed(organisation="o", reason="x"),
        matching.OrderClosed(organisation="o"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_of_an_order_changes_the_state_of_its_line(event: Event) -> None:
    driver = visit_steps.start()
    (service,) = visit_steps.make_and_record(driver, 0, 1)

    driver.hear(event, service)

    assert shown_lines(driver) == [("service", *FATES[type(event)])]
    assert ("VisitClosed" in names(visit_steps.give_feedback(driver, 1))) == (
        FATES[type(event)].state in ENDS["service"]
    )


def test_every_event_that_changes_the_state_of_an_order_changes_its_line_to_the_same_state() -> None:
    """Compared with the state machine of matching; events that change no state, such as a proposal, are left out."""
    moves = {row.event: row.to for row in ORDERS.table.values() if row.to in ORDERS.states}

    assert {
        event: fate.state for event, fate in FATES.items() if event is not matching.OrderNotPlaced
    } == moves


def test_an_event_of_an_order_that_no_visit_requested_changes_nothing() -> None:
    driver = visit_steps.start()
    (problem,) = visit_steps.make_and_record(driver, 1, 0)

    for subject in ("order-1", problem):
        driver.hear(order_placed(), subject)

    assert shown_lines(driver) == [("problem", "accepted", None)]
