"""Visits 入户联企走亲: attempts, refusals, who may visit and who is met."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.services.issues.questions.visits import show_round
from microgov.services.issues.visits.life import LIFE
from microgov.services.issues.visits.visit import Visit
from microgov.testing.service_driver import names, refusal
from tests.issues import visit_steps
from tests.support.state_machines import refuses


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


@pytest.mark.rule("2.4", "attempts and refusals are shown, and a visit may be tried again")
def test_attempts_and_refusals_are_shown_and_a_visit_may_be_tried_again() -> None:
    driver = visit_steps.start()

    tried = [visit_steps.attempt_visit(driver, result)[0].event for result in ("no_answer", "refused")]
    shown = show_round(issues.ShowVisitRound(round="round-1"), driver.s)
    visit_steps.make_visit(driver)

    numbers = {one.result: one.number for one in tried if isinstance(one, issues.VisitAttempted)}
    assert numbers == {"no_answer": 1, "refused": 2}
    assert (shown.contacts, shown.made, shown.refused, shown.no_answer) == (4, 0, 1, 0)
    after = visit_steps.show(driver)
    assert (after.state, after.result, after.attempts, after.refusals, after.person) == (
        "made",
        "made",
        2,
        1,
        "p-1",
    )
    assert show_round(issues.ShowVisitRound(round="round-1"), driver.s).refused == 0


def test_the_person_met_is_of_the_household_and_for_an_enterprise_anybody_registered() -> None:
    driver = visit_steps.start()

    def code_for(contact: str, person: str) -> str:
        return refusal(
            driver,
            issues.MakeVisit(person=person),
            visit_steps.visit_id(driver, contact),
            **visit_steps.FEDERATION,
        ).code

    assert (code_for("h-1", "p-3"), code_for("h-1", "p-99"), code_for("works", "p-99")) == (
        "not_of_this_household",
        "not_registered",
        "not_registered",
    )
    assert names(visit_steps.make_visit(driver, "works", "p-3")) == ["VisitMade"]


def test_a_visit_outside_the_visitors_scope_is_refused() -> None:
    driver = visit_steps.start()

    out = {**visit_steps.FEDERATION, "scope": "elsewhere"}

    assert refusal(driver, visit_steps.opening(), "round-2", **out).code == "outside_scope"
    assert (
        refusal(driver, issues.MakeVisit(person="p-1"), visit_steps.visit_id(driver), **out).code
        == "outside_scope"
    )


def test_a_visit_refuses_what_its_state_does_not_allow() -> None:
    driver = visit_steps.start()
    visit_steps.make_and_record(driver, 0, 0)
    visit = visit_steps.visit_id(driver)

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
                issues.GiveVisitFeedback: say(visit_steps.giving_feedback()),
            },
        )
        == 4 + 4 + 5 + 4  # for each command: the states that refuse it
    )
