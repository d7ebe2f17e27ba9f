"""The state machines of the service: each refuses the commands for which its state has no row."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.message import Command
from microgov.services.chassis.model import Life
from microgov.services.issues.actions import life as actions
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.deliberation.ballots import life as ballots
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.sessions import session
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics import life as topic_life
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import life
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import OPEN
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps, session_steps
from tests.support.state_machines import refuses


def sender(driver: ServiceDriver, subject: str) -> Any:
    """Returns `say`: called with a command, it returns a function without arguments that sends it to `subject`."""

    def say(command: Command, by: str = "p-branch", to: str = subject, **how: Any) -> Any:
        return lambda: driver.say(command, to, by=by, **how)

    return say


def test_an_issue_refuses_what_its_state_does_not_allow() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    issue = driver.row(Issue, "veg-1")
    issue.untold = 0
    say = sender(driver, "veg-1")
    attempts = {
        **_main_steps(driver, say),
        **_steps_of_its_topics(driver, issue),
        **_other_steps(driver, say),
    }

    refused = refuses(driver, life.LIFE, issue, attempts)

    assert refused > 150


def _main_steps(driver: ServiceDriver, say: Any) -> dict[type[Command], Any]:
    """Commands on the way from submission to survey."""
    return {
        issues.AcceptIssue: say(issues.AcceptIssue()),
        issues.DeclineIssue: say(issues.DeclineIssue(ground="abuse", reason="x")),
        issues.TriageIssue: say(issue_steps.TRIAGE),
        issues.CosignIssue: say(issues.CosignIssue(channel="app"), by="p-7"),
        issues.ProposeTopic: say(issues.ProposeTopic(topic="topic-7", title="x", channel="app"), by="p-7"),
        issues.WithdrawCosign: say(issues.WithdrawCosign(channel="app"), by="p-2"),
        issues.ContactReporter: say(
            issues.ContactReporter(person="p-1", reached=True, note="x", channel="visit")
        ),
        issues.OpenDeliberation: say(issues.OpenDeliberation(topic="topic-9", title="x")),
        issues.ReportResult: say(issues.ReportResult(text="x")),
        issues.CloseIssue: say(issues.CloseIssue(outcome="resolved")),
        issues.AnswerSurvey: say(
            issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app"), by="p-2"
        ),
    }


def _steps_of_its_topics(driver: ServiceDriver, issue: Issue) -> dict[type[Command], Any]:
    """Commands to a topic, which change the state of its issue as well."""
    return {
        issues.AdoptResolution: lambda: life.LIFE.move(issue, _adopting(driver), driver.s),
        issues.RejectTopic: lambda: life.LIFE.move(issue, _rejecting(driver), driver.s),
        issues.DeclareNoConsensus: lambda: life.LIFE.move(
            issue, _ending_without_resolution(driver, issues.DeclareNoConsensus), driver.s
        ),
        issues.DeferTopic: lambda: life.LIFE.move(
            issue, _ending_without_resolution(driver, issues.DeferTopic), driver.s
        ),
    }


def _other_steps(driver: ServiceDriver, say: Any) -> dict[type[Command], Any]:
    """All other commands to an issue."""
    return {
        issues.AppealDecline: say(issues.AppealDecline(reason="x", channel="app"), by="p-1"),
        issues.RouteIssue: say(issues.RouteIssue(owner="o-1", rule="by_hand")),
        issues.ReturnIssue: say(issues.ReturnIssue(reason="x")),
        issues.DispatchEmergency: say(issues.DispatchEmergency(owner="o-1", action="x")),
        issues.ReferIssue: say(issues.ReferIssue(to="o-1", reason="x")),
        issues.EscalateIssue: say(issues.EscalateIssue(reason="x")),
        issues.DefineActionItem: say(issues.DefineActionItem(action="act-9", item=issue_steps.ITEM)),
        issues.SuspendIssue: say(issues.SuspendIssue(reason="x", review_at=driver.now + timedelta(days=9))),
        issues.ResumeIssue: say(issues.ResumeIssue(reason="x")),
        issues.RequestReopen: say(issues.RequestReopen(reason="x", channel="app"), by="p-2"),
        issues.ReopenIssue: say(issues.ReopenIssue(reason="x")),
        issues.RefuseReopen: say(issues.RefuseReopen(reason="x")),
        issues.WithdrawIssue: say(issues.WithdrawIssue(channel="app"), by="p-1"),
    }


def _adopting(driver: ServiceDriver) -> Any:
    """The envelope of a command that adopts a resolution."""
    return driver.envelope(
        issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="x", role=None, scope=None
    )


def _ending_without_resolution(
    driver: ServiceDriver, kind: type[issues.DeclareNoConsensus] | type[issues.DeferTopic]
) -> Any:
    """The envelope of a command of this class, which ends or defers a topic without a resolution."""
    return driver.envelope(kind(reasons="x"), "topic-1", by="x", role=None, scope=None)


def _rejecting(driver: ServiceDriver) -> Any:
    """The envelope of a command that rejects a topic."""
    rejecting = issues.RejectTopic(outcome="not_feasible", reasons="x")
    return driver.envelope(rejecting, "topic-1", by="x", role=None, scope=None)


@pytest.mark.rule("2.1.1", "nothing is closed without a deliberation record")
def test_closing_an_issue_without_a_record_is_refused_in_every_open_state() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    issue = driver.row(Issue, "veg-1")

    for state in OPEN:
        issue.state = state
        refused = refuses(
            driver,
            Life(
                "x",
                "x",
                {state: ("", "")},
                {("-", issues.CloseIssue): life.LIFE.table["reported", issues.CloseIssue]},
            ),
            issue,
            {issues.CloseIssue: lambda: driver.say(issues.CloseIssue(outcome="resolved"), "veg-1")},
            lambda state, command: "no_deliberation_record",
        )
        assert refused == 1


def test_a_topic_refuses_what_its_state_does_not_allow() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)
    say = sender(driver, "topic-1")

    assert (
        refuses(
            driver,
            topic_life.LIFE,
            driver.row(Topic, "topic-1"),
            {
                issues.ProposeOption: say(
                    issues.ProposeOption(option="opt-9", text="x", channel="app"), by="p-1"
                ),
                issues.ConveneSession: say(issue_steps.convening(driver, "s-9")),
                issues.AdoptResolution: say(issues.AdoptResolution(option="opt-fence", items=[])),
                issues.RejectTopic: say(issues.RejectTopic(outcome="not_feasible", reasons="x")),
                issues.DeclareNoConsensus: say(issues.DeclareNoConsensus(reasons="x")),
                issues.DeferTopic: say(issues.DeferTopic(reasons="x")),
                issues.CallOffSession: say(issues.CallOffSession(reason="x"), to="s-1"),
                issues.AdjournSession: say(issues.AdjournSession(), to="s-1"),
                issues.AdmitTopic: say(issues.AdmitTopic()),
                issues.RefuseTopic: say(issues.RefuseTopic(ground="unlawful", reasons="x")),
                issues.PlaceOnAgenda: say(issues.PlaceOnAgenda(reason="x"), role="liaison_station"),
                issues.EvaluateTopic: say(issues.EvaluateTopic(achieved=True, text="x")),
            },
        )
        > 30
    )


def test_a_session_refuses_what_its_state_does_not_allow() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    opening = issues.OpenBallot(session="s-1", kind="each", closes_at=driver.now.replace(day=6))

    assert (
        refuses(
            driver,
            session.LIFE,
            driver.row(DeliberationSession, "s-1"),
            {
                issues.OpenBallot: lambda: driver.say(opening, "b-9", by="p-branch"),
                issues.RecordHandCount: lambda: driver.say(session_steps.hand_count(), "b-9", by="p-branch"),
                issues.DraftMinutes: sender(driver, "s-1")(issues.DraftMinutes(text="x")),
                issues.ConfirmMinutes: sender(driver, "s-1")(issues.ConfirmMinutes(channel="app"), by="p-1"),
                issues.CallOffSession: sender(driver, "s-1")(issues.CallOffSession(reason="x")),
                issues.RecordAttendance: sender(driver, "s-1")(session_steps.attendance(p_1="resident")),
                issues.OpenSession: sender(driver, "s-1")(issues.OpenSession()),
                issues.AdjournSession: sender(driver, "s-1")(issues.AdjournSession()),
            },
        )
        > 20
    )


@pytest.mark.rule("2.3", "a vote can be taken back while the ballot is open, and not later")
def test_a_closed_ballot_refuses_to_cast_and_to_retract_votes() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    say = sender(driver, "b-1")

    assert (
        refuses(
            driver,
            ballots.LIFE,
            driver.row(Ballot, "b-1"),
            {
                issues.CastVote: say(issue_steps.voting(), by="p-1"),
                issues.RetractVote: say(issues.RetractVote(channel="app"), by="p-1"),
            },
            lambda state, command: "ballot_closed",
        )
        == 6  # both, while votes are counted, once they are counted, and in a ballot to be repeated
    )


def test_an_action_item_refuses_what_its_state_does_not_allow() -> None:
    driver = issue_steps.start()
    item = issue_steps.do_action_item(driver)
    say = sender(driver, item)

    assert (
        refuses(
            driver,
            actions.LIFE,
            driver.row(Action, item),
            {
                issues.ClaimActionItem: say(issues.ClaimActionItem(channel="app"), by="p-5"),
                issues.ReportActionDone: say(
                    issues.ReportActionDone(done=1, at_least=False, evidence="x", channel="app"), by="p-5"
                ),
                issues.VerifyActionItem: say(issues.VerifyActionItem(note="x", channel="visit")),
                issues.AssignActionItem: say(issues.AssignActionItem(person="p-5")),
                issues.TrackActionItem: say(issues.TrackActionItem(plan="plan-1", reason="x")),
            },
        )
        > 6
    )
