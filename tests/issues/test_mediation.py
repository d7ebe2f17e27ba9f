"""Mediation: by consent of all parties, by a mediator without a stake, in confidence (domain.md §2.3)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.message import Event
from microgov.services.issues.mediation.mediation import LIFE, Mediation, Party
from microgov.testing.service_driver import names, refusal
from tests.issues import issue_steps, mediation_steps
from tests.support.state_machines import refuses


def test_a_mediation_begins_when_the_last_party_consents() -> None:
    driver = mediation_steps.start_requested()

    assert names(driver.say(mediation_steps.CONSENT, "m-1", by="p-1")) == ["MediationConsented"]
    assert issue_steps.show(driver).state == "routed"
    assert refusal(driver, mediation_steps.CONSENT, "m-1", by="p-1").code == "already_consented"
    assert refusal(driver, mediation_steps.CONSENT, "m-1", by="p-5").code == "not_a_party"
    assert names(driver.say(mediation_steps.CONSENT, "m-1", by="p-3")) == [
        "MediationConsented",
        "MediationOpened",
    ]
    assert issue_steps.show(driver).state == "in_mediation"


def test_one_refusal_ends_the_mediation_and_leaves_the_issue_as_it_was() -> None:
    driver = mediation_steps.start_requested()
    driver.say(mediation_steps.CONSENT, "m-1", by="p-1")
    assert names(driver.say(issues.RefuseMediation(channel="app"), "m-1", by="p-3")) == ["MediationRefused"]
    assert issue_steps.show(driver).state == "routed"
    assert refusal(driver, mediation_steps.CONSENT, "m-1", by="p-3").code == "wrong_state"
    assert names(mediation_steps.request(driver, ("p-1", "p-3"), "m-2")) == ["MediationRequested"]


def test_consent_is_refused_after_the_issue_was_referred() -> None:
    driver = mediation_steps.start_requested()
    driver.say(mediation_steps.CONSENT, "m-1", by="p-1")
    driver.say(issues.ReferIssue(to="hotline", reason="x"), "veg-1", by="p-branch")
    assert refusal(driver, mediation_steps.CONSENT, "m-1", by="p-3").code == "wrong_state"


@pytest.mark.parametrize(
    ("parties", "code"), [(("p-1", "p-1"), "parties_missing"), (("p-1", "p-99"), "not_registered")]
)
def test_a_mediation_needs_two_registered_parties(parties: tuple[str, ...], code: str) -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    with pytest.raises(Exception, match=code):
        mediation_steps.request(driver, parties)


def test_an_issue_has_one_mediation_at_a_time() -> None:
    driver = mediation_steps.start_requested()
    with pytest.raises(Exception, match="mediation_under_way"):
        mediation_steps.request(driver, ("p-1", "p-5"), "m-2")


@pytest.mark.rule("2.3", "mediation by consent of all, without a stake")
@pytest.mark.parametrize("mediator", ["p-1", "p-3", "p-4", "p-2", "o-1", "p-5"])
def test_a_person_with_a_stake_does_not_mediate(mediator: str) -> None:
    """The parties, people of their households, the owner of the issue and a co-signer."""
    driver = mediation_steps.start_agreed()
    issue_steps.cosign(driver, "p-5")
    assert (
        refusal(driver, issues.AssignMediator(mediator=mediator), "m-1", by="p-branch").code
        == "conflict_of_interest"
    )
    assert names(mediation_steps.assign_mediator(driver)) == ["MediatorAssigned"]


@pytest.mark.rule("2.1.8", "the mediator acts, and somebody else follows up")
def test_only_the_mediator_acts_and_somebody_else_follows_up() -> None:
    driver = mediation_steps.start_in_session()
    assert refusal(driver, mediation_steps.HOLD, "m-1", by="p-7", role="dasao").code == "not_mediator"
    with pytest.raises(Exception, match="not_mediator"):
        mediation_steps.settle(driver, by="p-7")
    mediation_steps.settle(driver)
    with pytest.raises(Exception, match="same_person"):
        mediation_steps.follow_up(driver, True, by="p-8")


def test_a_mediation_is_settled_followed_up_and_reported() -> None:
    driver = mediation_steps.start_in_session()
    assert refusal(driver, issues.ReportResult(text="x"), "veg-1", by="p-branch").code == "mediation_open"
    with pytest.raises(Exception, match="performed_in_the_past"):
        mediation_steps.settle(driver, days=0)

    assert names(mediation_steps.settle(driver)) == ["MediationSettled", "MediationEnded"]
    assert issue_steps.due(driver) == []
    assert [
        said.event.performed
        for performed in (False, True)
        for said in mediation_steps.follow_up(driver, performed)
    ] == [False, True]
    assert driver.row(Mediation, "m-1").state == "closed"
    assert names(driver.say(issues.ReportResult(text="已调解"), "veg-1", by="p-branch")) == ["ResultReported"]
    assert driver.wait(days=60) == []


@pytest.mark.rule(
    "2.3", "a mediation fails only if the parties were informed of their rights, and lapses after its time"
)
def test_a_mediation_fails_only_after_rights_were_explained_and_the_issue_goes_back_to_its_owner() -> None:
    driver = mediation_steps.start_in_session()
    untold = issues.FailMediation(reason="x", rights_told=False)
    assert refusal(driver, untold, "m-1", by="p-8", role="dasao").code == "rights_not_told"

    assert names(driver.say(mediation_steps.FAIL, "m-1", by="p-8", role="dasao")) == [
        "MediationFailed",
        "MediationEnded",
    ]
    assert issue_steps.show(driver).state == "routed"
    assert issue_steps.due(driver) == []


def test_a_mediation_lapses_after_its_time() -> None:
    driver = mediation_steps.start_agreed(mediation={"lapse_days": 5})
    assert driver.wait(days=4) == []
    assert names(driver.wait(days=1)) == ["MediationLapsed", "MediationEnded"]
    assert (driver.row(Mediation, "m-1").state, issue_steps.show(driver).state) == ("lapsed", "routed")


def test_a_mediation_that_lapses_on_hold_sends_the_issue_back_after_the_hold() -> None:
    driver = mediation_steps.start_agreed(mediation={"lapse_days": 5})
    driver.say(
        issues.SuspendIssue(reason="x", review_at=driver.now + timedelta(days=20)), "veg-1", by="p-branch"
    )

    driver.wait(days=10)
    (said,) = driver.say(issues.ResumeIssue(reason="x"), "veg-1", by="p-branch")

    assert said.event == issues.IssueResumed(state="routed", automatic=False)
    assert issue_steps.show(driver).state == "routed"


def test_a_mediation_that_lapses_after_a_withdrawal_leaves_the_issue_as_it_was() -> None:
    driver = mediation_steps.start_agreed()
    driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")
    assert names(driver.wait(days=31)) == ["MediationLapsed", "MediationEnded"]
    assert issue_steps.show(driver).state == "withdrawn"


@pytest.mark.rule("2.3", "what is said in a mediation is in no event")
def test_no_event_contains_what_was_said_or_who_the_parties_are() -> None:
    driver = mediation_steps.start_in_session()
    mediation_steps.settle(driver)
    mediation_steps.follow_up(driver, True)
    told = [m for m in driver.log if isinstance(m.data, Event) and "mediat" in m.type]

    assert len(told) == 9
    assert sum(m.data.number for m in told if isinstance(m.data, issues.MediationHeld)) == 1
    assert not any(mediation_steps.SECRET in m.model_dump_json() for m in driver.log)
    assert not any(party in m.data.model_dump_json() for m in told for party in ("p-1", "p-3"))
    columns = {
        column.name for table in ("mediation", "party") for column in Mediation.metadata.tables[table].columns
    }
    assert not columns & {"reason", "note", "facts", "terms", "performance"}


def test_a_mediation_refuses_what_its_state_does_not_allow() -> None:
    driver = mediation_steps.start_in_session()
    row = driver.row(Mediation, "m-1")

    def say(command: Any, by: str, role: str | None = None) -> Any:
        return lambda: driver.say(command, "m-1", by=by, role=role)

    driver.row(Party, ("m-1", "p-1")).consented = False
    assert (
        refuses(
            driver,
            LIFE,
            row,
            {
                issues.ConsentToMediation: say(mediation_steps.CONSENT, "p-1"),
                issues.RefuseMediation: say(issues.RefuseMediation(channel="app"), "p-1"),
                issues.AssignMediator: say(issues.AssignMediator(mediator="p-8"), "p-branch"),
                issues.HoldMediation: say(mediation_steps.HOLD, "p-8", "dasao"),
                issues.SettleMediation: lambda: mediation_steps.settle(driver),
                issues.FollowUpMediation: lambda: mediation_steps.follow_up(driver, True),
                issues.FailMediation: say(mediation_steps.FAIL, "p-8", "dasao"),
            },
        )
        > 40
    )
