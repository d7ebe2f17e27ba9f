"""Visits 入户联企走亲: a frozen list, attempts and refusals visible, lines that become matters, feedback on every line."""

from typing import Any

import pytest

from microgov.contracts import issues, matching
from microgov.contracts.fields import Role, Words
from microgov.contracts.message import Event
from microgov.contracts.validation.incoming import incoming
from microgov.contracts.validation.strict_json import MAX_BYTES
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.questions.visits import show_round, show_visit
from microgov.services.issues.visits.life import LIFE
from microgov.services.issues.visits.lines import ENDS, FATES, Line
from microgov.services.issues.visits.visit import Visit
from microgov.services.matching.orders.life import LIFE as ORDERS
from tests.issues import visit_steps
from tests.support.service_driver import ServiceDriver, names, refusal
from tests.support.state_machines import refuses


def placed() -> matching.OrderPlaced:
    return matching.OrderPlaced(beneficiary="p-1", placed_by="p-fed", place="yuanbu-south", channel="visit")


def fates(driver: ServiceDriver) -> list[tuple[str, str, str | None]]:
    shown = show_visit(issues.ShowVisit(visit=visit_steps.visit(driver)), driver.s)
    return [(one.kind, one.state, one.outcome) for one in shown.lines]


def test_a_round_freezes_its_contact_list_of_households_and_enterprises() -> None:
    driver = visit_steps.start()

    opened, *planned = [m.data for m in driver.log]

    assert (opened.households, opened.enterprises) == (3, 1)
    assert [(one.contact, one.kind, one.place) for one in planned] == [
        ("h-1", "household", "yuanbu-south"),
        ("h-2", "household", "yuanbu-south"),
        ("h-3", "household", "yuanbu"),
        ("works", "enterprise", "yuanbu"),
    ]
    assert (
        refusal(driver, visit_steps.opening(), "round-1", **visit_steps.FEDERATION).code == "already_exists"
    )


def household(place: str) -> dict[str, str]:
    return {"contact": "h-9", "kind": "household", "place": place}


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        (
            {"contacts": [*visit_steps.CONTACTS, visit_steps.CONTACTS[0]]},
            "contact_twice",
            "data.contacts.4.contact",
        ),
        ({"contacts": [household("nowhere")]}, "unknown_place", "data.contacts.0.place"),
        ({"contacts": [household("elsewhere")]}, "outside_round", "data.contacts.0.place"),
        ({"place": "nowhere"}, "unknown_place", "data.place"),
    ],
)
def test_a_contact_list_that_cannot_be_is_refused(changed: dict[str, Any], code: str, field: str) -> None:
    driver = visit_steps.start()

    refused = refusal(driver, visit_steps.opening(**changed), "round-2", **visit_steps.FEDERATION)

    assert (refused.code, refused.field) == (code, field)


def test_a_round_of_a_hundred_households_and_twenty_enterprises() -> None:
    driver = visit_steps.start()
    many = [
        {"contact": f"{kind}-{n}", "kind": kind, "place": "yuanbu"}
        for kind, count in (("household", 100), ("enterprise", 20))
        for n in range(count)
    ]

    said = driver.say(visit_steps.opening(contacts=many), "round-2", **visit_steps.FEDERATION)

    assert said[0].event == issues.VisitRoundOpened(
        title="三月走亲", place="yuanbu", households=100, enterprises=20
    )
    assert len({one.subject for one in said[1:]}) == 120


def test_the_longest_contact_list_gets_through_the_door() -> None:
    longest = [
        {"contact": f"{n:064}", "kind": "enterprise", "place": "p" * 64} for n in range(issues.MAX_CONTACTS)
    ]

    assert (
        len(incoming(visit_steps.opening(contacts=longest), id="a-1", source="/x", subject="r" * 64))
        < MAX_BYTES
    )


@pytest.mark.parametrize("role", list(Role))
def test_the_federation_the_dasao_social_workers_and_the_branch_visit_and_nobody_else(role: Role) -> None:
    visiting = {Role.WOMENS_FEDERATION, Role.DASAO, Role.SOCIAL_WORKER, Role.BRANCH}
    commands = (
        issues.OpenVisitRound,
        issues.AttemptVisit,
        issues.MakeVisit,
        issues.RecordVisitLists,
        issues.GiveVisitFeedback,
    )

    assert {role in command.ROLES for command in commands} == {role in visiting}


@pytest.mark.rule("2", "attempts and refusals are seen, and one tries again")
def test_attempts_and_refusals_are_seen_and_it_can_be_tried_again() -> None:
    driver = visit_steps.start()

    tried = [visit_steps.attempt(driver, result)[0].event for result in ("no_answer", "refused")]
    shown = show_round(issues.ShowVisitRound(round="round-1"), driver.s)
    visit_steps.make(driver)

    numbers = {one.result: one.number for one in tried if isinstance(one, issues.VisitAttempted)}
    assert numbers == {"no_answer": 1, "refused": 2}
    assert (shown.contacts, shown.made, shown.refused, shown.no_answer) == (4, 0, 1, 0)
    after = show_visit(issues.ShowVisit(visit=visit_steps.visit(driver)), driver.s)
    assert (after.state, after.result, after.attempts, after.refusals, after.person) == (
        "made",
        "made",
        2,
        1,
        "p-1",
    )
    assert show_round(issues.ShowVisitRound(round="round-1"), driver.s).refused == 0


def test_a_household_is_met_in_one_of_its_own_and_an_enterprise_in_anybody_registered() -> None:
    driver = visit_steps.start()

    def met(contact: str, person: str) -> str:
        return refusal(
            driver,
            issues.MakeVisit(person=person),
            visit_steps.visit(driver, contact),
            **visit_steps.FEDERATION,
        ).code

    assert (met("h-1", "p-3"), met("h-1", "p-99"), met("works", "p-99")) == (
        "not_of_this_household",
        "not_registered",
        "not_registered",
    )
    assert names(visit_steps.make(driver, "works", "p-3")) == ["VisitMade"]


def test_a_visit_outside_the_visitors_scope_is_refused() -> None:
    driver = visit_steps.start()

    out = {**visit_steps.FEDERATION, "scope": "elsewhere"}

    assert refusal(driver, visit_steps.opening(), "round-2", **out).code == "outside_scope"
    assert (
        refusal(driver, issues.MakeVisit(person="p-1"), visit_steps.visit(driver), **out).code
        == "outside_scope"
    )


def test_each_problem_is_an_issue_and_each_service_is_asked_of_matching_on_behalf_of_whom_was_met() -> None:
    driver = visit_steps.start()
    visit_steps.make(driver)

    said = visit_steps.record(driver, problems=2, services=1)

    assert names(said) == [
        "VisitListsRecorded",
        "IssueSubmitted",
        "IssueAccepted",
        "IssueSubmitted",
        "IssueAccepted",
        "VisitServiceRequested",
    ]
    recorded, request = said[0].event, said[-1]
    assert isinstance(recorded, issues.VisitListsRecorded) and isinstance(
        request.event, issues.VisitServiceRequested
    )
    assert [(one.line, one.kind) for one in recorded.lines] == [
        (1, "problem"),
        (2, "problem"),
        (3, "service"),
    ]
    assert [one.entity for one in recorded.lines] == Line.names(visit_steps.visit(driver), 3)
    issue = driver.row(Issue, recorded.lines[0].entity)
    assert (issue.reporter, issue.recorded_by, issue.channel, issue.place) == (
        "p-1",
        "p-fed",
        "visit",
        "yuanbu-south",
    )
    assert (request.subject, request.event.person, request.event.visit) == (
        recorded.lines[2].entity,
        "p-1",
        visit_steps.visit(driver),
    )


def test_what_a_dasao_brings_is_accepted_by_the_branch() -> None:
    driver = visit_steps.start()
    visit_steps.make(driver)

    assert names(visit_steps.record(driver, services=0, by="p-chen", role="dasao")) == [
        "VisitListsRecorded",
        "IssueSubmitted",
    ]


def test_where_somebody_took_the_id_of_a_line_nothing_is_recorded() -> None:
    driver = visit_steps.start()
    visit_steps.make(driver)
    brought = issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app")
    driver.say(brought, Line.names(visit_steps.visit(driver), 2)[1], by="p-1")

    lists = issues.RecordVisitLists(problems=[visit_steps.PROBLEM] * 2, services=[])

    assert (
        refusal(driver, lists, visit_steps.visit(driver), **visit_steps.FEDERATION).code == "already_exists"
    )
    assert driver.rows(Line) == []


def test_feedback_speaks_of_every_line_and_of_no_other() -> None:
    driver = visit_steps.start()
    visit_steps.listed(driver, 1, 1)

    def code(*lines: int) -> str:
        return refusal(
            driver, visit_steps.feedback(*lines), visit_steps.visit(driver), **visit_steps.FEDERATION
        ).code

    assert (code(1), code(), code(1, 2, 3), code(1, 2, 2)) == (
        "line_missing",
        "line_missing",
        "unknown_line",
        "line_twice",
    )


@pytest.mark.rule("2", "feedback speaks of every line; the end of all closes the visit")
def test_feedback_tells_how_every_line_stands_and_closes_once_all_have_ended() -> None:
    driver = visit_steps.start()
    problem, service = visit_steps.listed(driver)
    driver.hear(placed(), service)

    first = visit_steps.tell(driver, 1, 2)
    driver.say(issues.WithdrawIssue(channel="app"), problem, by="p-1")
    driver.hear(matching.OrderRated(organisation="o", stars=5), service)
    last = visit_steps.tell(driver, 2, 1)

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
    visit_steps.listed(driver, 0, 0)

    assert names(visit_steps.tell(driver)) == ["VisitFeedbackGiven", "VisitClosed"]


@pytest.mark.parametrize(
    "event",
    [
        placed(),
        matching.OrderNotPlaced(code="not_found", message=Words(zh="x", en="x")),
        matching.OrderRejected(reason="x"),
        matching.OrderCancelled(reason="x"),
        matching.OrderFailed(organisation="o", reason="x"),
        matching.OrderClosed(organisation="o"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_becomes_of_an_order_comes_back_to_its_line(event: Event) -> None:
    driver = visit_steps.start()
    (service,) = visit_steps.listed(driver, 0, 1)

    driver.hear(event, service)

    assert fates(driver) == [("service", *FATES[type(event)])]
    assert ("VisitClosed" in names(visit_steps.tell(driver, 1))) == (
        FATES[type(event)].state in ENDS["service"]
    )


def test_every_event_of_an_order_that_changes_its_state_is_known_here_by_the_same_state() -> None:
    """Matching's own table; what moves nothing (a proposal) is of no interest."""
    moves = {row.event: row.to for row in ORDERS.table.values() if row.to in ORDERS.states}

    assert {
        event: fate.state for event, fate in FATES.items() if event is not matching.OrderNotPlaced
    } == moves


def test_orders_that_no_visit_asked_for_are_none_of_its_business() -> None:
    driver = visit_steps.start()
    (problem,) = visit_steps.listed(driver, 1, 0)

    for subject in ("order-1", problem):
        driver.hear(placed(), subject)

    assert fates(driver) == [("problem", "accepted", None)]


def test_a_visit_refuses_what_its_state_does_not_allow() -> None:
    driver = visit_steps.start()
    visit_steps.listed(driver, 0, 0)
    visit = visit_steps.visit(driver)

    def say(command: Any) -> Any:
        return lambda: driver.say(command, visit, **visit_steps.FEDERATION)

    assert (
        refuses(
            driver,
            LIFE,
            driver.row(Visit, visit),
            {
                issues.AttemptVisit: say(issues.AttemptVisit(result="refused")),
                issues.MakeVisit: say(issues.MakeVisit(person="p-1")),
                issues.RecordVisitLists: say(issues.RecordVisitLists(problems=[], services=[])),
                issues.GiveVisitFeedback: say(visit_steps.feedback()),
            },
        )
        == 4 + 4 + 5 + 4
    )
