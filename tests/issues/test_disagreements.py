"""Disagreements: positions and parties; narrowed, resolved, sent to mediation or escalated (domain.md §2.3)."""

from functools import partial
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.message import Command
from microgov.services.issues.deliberation.topics import disagreement
from microgov.services.issues.deliberation.topics.disagreement import Disagreement
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps, session_steps
from tests.support.state_machines import refuses

MEDIATING = issues.RequestMediation(
    mediation="m-1", parties=["p-1", "p-4"], instrument="informal", reason="x", channel="app"
)


def start_raised(**values: Any) -> ServiceDriver:
    """A service with a disagreement `d-1` on `topic-1`."""
    driver = issue_steps.start()
    issue_steps.propose(driver)
    driver.say(session_steps.raising_disagreement(**values), "d-1", by="p-branch")
    return driver


def code_and_field(driver: ServiceDriver, command: Any, subject: str = "d-1", **how: Any) -> tuple[str, str]:
    """The error code and the field with which the command of the branch is refused."""
    refused = refusal(driver, command, subject, **{"by": "p-branch", **how})
    return refused.code, refused.field


@pytest.mark.rule("2.3", "a disagreement is an object of its own")
def test_a_disagreement_is_narrowed_and_settled_and_the_topic_shows_it() -> None:
    driver = start_raised()
    driver.say(issues.NarrowDisagreement(remains="只剩高度"), "d-1", by="p-branch")
    driver.say(issues.NarrowDisagreement(remains="一米还是一米二"), "d-1", by="p-branch")

    shown = issue_steps.topic(driver).disagreements[0]
    said = driver.say(issues.SettleDisagreement(terms="一米"), "d-1", by="p-branch")

    assert (shown.state, shown.remains, shown.positions[1].parties) == ("narrowed", "一米还是一米二", ["p-4"])
    assert names(said) == ["DisagreementSettled"]
    assert [one.state for one in issue_steps.topic(driver).disagreements] == ["settled"]


def test_a_disagreement_is_sent_to_a_mediation_of_its_issue_and_can_be_settled_afterwards() -> None:
    driver = start_raised()
    assert code_and_field(driver, issues.MediateDisagreement(mediation="m-1")) == (
        "not_found",
        "data.mediation",
    )
    driver.say(MEDIATING, "veg-1", by="p-1")

    assert names(driver.say(issues.MediateDisagreement(mediation="m-1"), "d-1", by="p-branch")) == [
        "DisagreementMediated"
    ]
    assert code_and_field(driver, issues.NarrowDisagreement(remains="x"))[0] == "wrong_state"
    assert driver.say(issues.SettleDisagreement(terms="x"), "d-1", by="p-branch")


def test_a_disagreement_is_not_sent_to_a_mediation_of_another_issue() -> None:
    driver = start_raised()
    issue_steps.submit(driver, "veg-2")
    driver.say(issues.AcceptIssue(), "veg-2", by="p-branch")
    driver.say(issue_steps.TRIAGE, "veg-2", by="p-branch")
    driver.say(issues.RouteIssue(owner="p-owner", rule="x"), "veg-2", by="p-branch")
    driver.say(MEDIATING, "veg-2", by="p-1")

    assert code_and_field(driver, issues.MediateDisagreement(mediation="m-1")) == (
        "other_issue",
        "data.mediation",
    )


def test_escalating_a_disagreement_escalates_its_issue() -> None:
    driver = start_raised()

    said = driver.say(issues.EscalateDisagreement(reason="两个社区"), "d-1", by="p-branch")

    assert names(said) == ["DisagreementEscalated", "IssueEscalated"]


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"topic": "topic-9"}, ("not_found", "data.topic")),
        ({"session": "s-9"}, ("not_found", "data.session")),
        (
            {"positions": [{"text": "x", "parties": ["p-1"]}, {"text": "x", "parties": ["p-99"]}]},
            ("not_registered", "data.positions"),
        ),
    ],
)
def test_a_disagreement_has_a_known_topic_and_session_and_registered_parties(
    values: dict[str, Any], refused: tuple[str, str]
) -> None:
    assert code_and_field(start_raised(), session_steps.raising_disagreement(**values), "d-2") == refused


def test_the_session_of_a_disagreement_is_on_the_same_topic() -> None:
    driver = session_steps.start_opened(1, 2, 3)
    issue_steps.submit(driver, "veg-2")
    driver.say(issues.AcceptIssue(), "veg-2", by="p-branch")
    driver.say(issue_steps.TRIAGE, "veg-2", by="p-branch")
    driver.say(issues.OpenDeliberation(topic="topic-2", title="x"), "veg-2", by="p-branch")

    assert code_and_field(
        driver, session_steps.raising_disagreement(topic="topic-2", session="s-room"), "d-1"
    ) == ("other_topic", "data.session")
    driver.say(session_steps.raising_disagreement(session="s-room"), "d-1", by="p-branch")
    assert driver.row(Disagreement, "d-1").kind == "residents_council"


def test_a_disagreement_refuses_what_its_state_does_not_allow() -> None:
    driver = start_raised()
    driver.say(MEDIATING, "veg-1", by="p-1")
    commands = (
        issues.NarrowDisagreement(remains="x"),
        issues.SettleDisagreement(terms="x"),
        issues.MediateDisagreement(mediation="m-1"),
        issues.EscalateDisagreement(reason="x"),
    )
    said: dict[type[Command], Any] = {
        type(one): partial(driver.say, one, "d-1", by="p-branch") for one in commands
    }

    assert refuses(driver, disagreement.LIFE, driver.row(Disagreement, "d-1"), said) > 8
    assert (
        code_and_field(start_raised(), issues.SettleDisagreement(terms="x"), scope="elsewhere")[0]
        == "outside_scope"
    )
