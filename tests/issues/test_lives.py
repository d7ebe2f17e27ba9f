"""The transition tables of the service, row by row."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.message import Command
from microgov.services.chassis.model import Life
from microgov.services.issues.actions import action_item
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
from tests.issues import issue_steps, session_steps
from tests.issues.test_hands import hands
from tests.support.service_driver import Talk
from tests.support.state_machines import refuses


def sayer(talk: Talk, subject: str) -> Any:
    def say(command: Command, by: str = "p-branch", to: str = subject, **how: Any) -> Any:
        return lambda: talk.say(command, to, by=by, **how)

    return say


def test_an_issue_refuses_what_its_state_does_not_allow() -> None:
    talk = issue_steps.start()
    issue_steps.report(talk)
    issue, say = talk.row(Issue, "veg-1"), sayer(talk, "veg-1")
    issue.untold = 0

    def code(state: str, command: type[Command]) -> str:
        return "wrong_state"

    refused = refuses(
        talk,
        life.LIFE,
        issue,
        {
            issues.AcceptIssue: say(issues.AcceptIssue()),
            issues.DeclineIssue: say(issues.DeclineIssue(ground="abuse", reason="x")),
            issues.TriageIssue: say(issue_steps.TRIAGE),
            issues.CosignIssue: say(issues.CosignIssue(channel="app"), by="p-7"),
            issues.ProposeTopic: say(
                issues.ProposeTopic(topic="topic-7", title="x", channel="app"), by="p-7"
            ),
            issues.WithdrawCosign: say(issues.WithdrawCosign(channel="app"), by="p-2"),
            issues.ContactReporter: say(
                issues.ContactReporter(person="p-1", reached=True, note="x", channel="visit")
            ),
            issues.OpenDeliberation: say(issues.OpenDeliberation(topic="topic-9", title="x")),
            issues.AdoptResolution: lambda: life.LIFE.move(issue, _adopting(talk), talk.s),
            issues.RejectTopic: lambda: life.LIFE.move(issue, _rejecting(talk), talk.s),
            issues.DeclareNoConsensus: lambda: life.LIFE.move(
                issue, _unsettling(talk, issues.DeclareNoConsensus), talk.s
            ),
            issues.DeferTopic: lambda: life.LIFE.move(issue, _unsettling(talk, issues.DeferTopic), talk.s),
            issues.ReportResult: say(issues.ReportResult(text="x")),
            issues.CloseIssue: say(issues.CloseIssue(outcome="resolved")),
            issues.AnswerSurvey: say(
                issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app"), by="p-2"
            ),
            **_beside_the_way(talk, say),
        },
        code,
    )

    assert refused > 150


def _beside_the_way(talk: Talk, say: Any) -> dict[type[Command], Any]:
    return {
        issues.AppealDecline: say(issues.AppealDecline(reason="x", channel="app"), by="p-1"),
        issues.RouteIssue: say(issues.RouteIssue(owner="o-1", rule="by_hand")),
        issues.ReturnIssue: say(issues.ReturnIssue(reason="x")),
        issues.DispatchEmergency: say(issues.DispatchEmergency(owner="o-1", action="x")),
        issues.ReferIssue: say(issues.ReferIssue(to="o-1", reason="x")),
        issues.EscalateIssue: say(issues.EscalateIssue(reason="x")),
        issues.DefineActionItem: say(issues.DefineActionItem(action="act-9", item=issue_steps.ITEM)),
        issues.SuspendIssue: say(issues.SuspendIssue(reason="x", review_at=talk.now + timedelta(days=9))),
        issues.ResumeIssue: say(issues.ResumeIssue(reason="x")),
        issues.RequestReopen: say(issues.RequestReopen(reason="x", channel="app"), by="p-2"),
        issues.ReopenIssue: say(issues.ReopenIssue(reason="x")),
        issues.RefuseReopen: say(issues.RefuseReopen(reason="x")),
        issues.WithdrawIssue: say(issues.WithdrawIssue(channel="app"), by="p-1"),
    }


def _adopting(talk: Talk) -> Any:
    return talk.envelope(
        issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="x", role=None, scope=None
    )


def _unsettling(talk: Talk, kind: type[issues.DeclareNoConsensus] | type[issues.DeferTopic]) -> Any:
    return talk.envelope(kind(reasons="x"), "topic-1", by="x", role=None, scope=None)


def _rejecting(talk: Talk) -> Any:
    rejecting = issues.RejectTopic(outcome="not_feasible", reasons="x")
    return talk.envelope(rejecting, "topic-1", by="x", role=None, scope=None)


@pytest.mark.rule("2", "nothing is closed without a deliberation record")
def test_an_issue_without_a_record_is_refused_for_that_in_every_open_state() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    issue = talk.row(Issue, "veg-1")

    for state in OPEN:
        issue.state = state
        refused = refuses(
            talk,
            Life(
                "x",
                "x",
                {state: ("", "")},
                {("-", issues.CloseIssue): life.LIFE.table["reported", issues.CloseIssue]},
            ),
            issue,
            {issues.CloseIssue: lambda: talk.say(issues.CloseIssue(outcome="resolved"), "veg-1")},
            lambda state, command: "no_deliberation_record",
        )
        assert refused == 1


def test_a_topic_refuses_what_its_state_does_not_allow() -> None:
    talk = issue_steps.start()
    issue_steps.confirm(talk)
    say = sayer(talk, "topic-1")

    assert (
        refuses(
            talk,
            topic_life.LIFE,
            talk.row(Topic, "topic-1"),
            {
                issues.ProposeOption: say(
                    issues.ProposeOption(option="opt-9", text="x", channel="app"), by="p-1"
                ),
                issues.ConveneSession: say(issue_steps.convening(talk, "s-9")),
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
    talk = issue_steps.start()
    issue_steps.decide(talk)
    opening = issues.OpenBallot(session="s-1", kind="each", closes_at=talk.now.replace(day=6))

    assert (
        refuses(
            talk,
            session.LIFE,
            talk.row(DeliberationSession, "s-1"),
            {
                issues.OpenBallot: lambda: talk.say(opening, "b-9", by="p-branch"),
                issues.RecordHandCount: lambda: talk.say(hands(), "b-9", by="p-branch"),
                issues.DraftMinutes: sayer(talk, "s-1")(issues.DraftMinutes(text="x")),
                issues.ConfirmMinutes: sayer(talk, "s-1")(issues.ConfirmMinutes(channel="app"), by="p-1"),
                issues.CallOffSession: sayer(talk, "s-1")(issues.CallOffSession(reason="x")),
                issues.RecordAttendance: sayer(talk, "s-1")(session_steps.came(p_1="resident")),
                issues.OpenSession: sayer(talk, "s-1")(issues.OpenSession()),
                issues.AdjournSession: sayer(talk, "s-1")(issues.AdjournSession()),
            },
        )
        > 20
    )


@pytest.mark.rule("2", "a vote can be taken back while the ballot is open, and not later")
def test_a_closed_ballot_takes_no_vote_and_gives_none_back() -> None:
    talk = issue_steps.start()
    issue_steps.decide(talk)
    say = sayer(talk, "b-1")

    assert (
        refuses(
            talk,
            ballots.LIFE,
            talk.row(Ballot, "b-1"),
            {
                issues.CastVote: say(issue_steps.vote(), by="p-1"),
                issues.RetractVote: say(issues.RetractVote(channel="app"), by="p-1"),
            },
            lambda state, command: "ballot_closed",
        )
        == 4
    )


def test_an_action_item_refuses_what_its_state_does_not_allow() -> None:
    talk = issue_steps.start()
    item = issue_steps.act(talk)
    say = sayer(talk, item)

    assert (
        refuses(
            talk,
            action_item.LIFE,
            talk.row(Action, item),
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
