"""The transition tables of the service, row by row."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues as i
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
from tests.issues import patch, rooms
from tests.issues.test_hands import hands
from tests.lives import refuses
from tests.talk import Talk


def sayer(talk: Talk, subject: str) -> Any:
    def say(command: Command, by: str = "p-branch", to: str = subject, **how: Any) -> Any:
        return lambda: talk.say(command, to, by=by, **how)

    return say


def test_an_issue_refuses_what_its_state_does_not_allow() -> None:
    talk = patch.start()
    patch.report(talk)
    issue, say = talk.row(Issue, "veg-1"), sayer(talk, "veg-1")
    issue.untold = 0

    def code(state: str, command: type[Command]) -> str:
        return "wrong_state"

    refused = refuses(
        talk,
        life.LIFE,
        issue,
        {
            i.AcceptIssue: say(i.AcceptIssue()),
            i.DeclineIssue: say(i.DeclineIssue(ground="abuse", reason="x")),
            i.TriageIssue: say(patch.TRIAGE),
            i.CosignIssue: say(i.CosignIssue(channel="app"), by="p-7"),
            i.ProposeTopic: say(i.ProposeTopic(topic="topic-7", title="x", channel="app"), by="p-7"),
            i.WithdrawCosign: say(i.WithdrawCosign(channel="app"), by="p-2"),
            i.ContactReporter: say(i.ContactReporter(person="p-1", reached=True, note="x", channel="visit")),
            i.OpenDeliberation: say(i.OpenDeliberation(topic="topic-9", title="x")),
            i.AdoptResolution: lambda: life.LIFE.move(issue, _adopting(talk), talk.s),
            i.RejectTopic: lambda: life.LIFE.move(issue, _rejecting(talk), talk.s),
            i.DeclareNoConsensus: lambda: life.LIFE.move(
                issue, _unsettling(talk, i.DeclareNoConsensus), talk.s
            ),
            i.DeferTopic: lambda: life.LIFE.move(issue, _unsettling(talk, i.DeferTopic), talk.s),
            i.ReportResult: say(i.ReportResult(text="x")),
            i.CloseIssue: say(i.CloseIssue(outcome="resolved")),
            i.AnswerSurvey: say(
                i.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app"), by="p-2"
            ),
            **_beside_the_way(talk, say),
        },
        code,
    )

    assert refused > 150


def _beside_the_way(talk: Talk, say: Any) -> dict[type[Command], Any]:
    return {
        i.AppealDecline: say(i.AppealDecline(reason="x", channel="app"), by="p-1"),
        i.RouteIssue: say(i.RouteIssue(owner="o-1", rule="by_hand")),
        i.ReturnIssue: say(i.ReturnIssue(reason="x")),
        i.DispatchEmergency: say(i.DispatchEmergency(owner="o-1", action="x")),
        i.ReferIssue: say(i.ReferIssue(to="o-1", reason="x")),
        i.EscalateIssue: say(i.EscalateIssue(reason="x")),
        i.DefineActionItem: say(i.DefineActionItem(action="act-9", item=patch.ITEM)),
        i.SuspendIssue: say(i.SuspendIssue(reason="x", review_at=talk.now + timedelta(days=9))),
        i.ResumeIssue: say(i.ResumeIssue(reason="x")),
        i.RequestReopen: say(i.RequestReopen(reason="x", channel="app"), by="p-2"),
        i.ReopenIssue: say(i.ReopenIssue(reason="x")),
        i.RefuseReopen: say(i.RefuseReopen(reason="x")),
        i.WithdrawIssue: say(i.WithdrawIssue(channel="app"), by="p-1"),
    }


def _adopting(talk: Talk) -> Any:
    return talk.envelope(
        i.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="x", role=None, scope=None
    )


def _unsettling(talk: Talk, kind: type[i.DeclareNoConsensus] | type[i.DeferTopic]) -> Any:
    return talk.envelope(kind(reasons="x"), "topic-1", by="x", role=None, scope=None)


def _rejecting(talk: Talk) -> Any:
    rejecting = i.RejectTopic(outcome="not_feasible", reasons="x")
    return talk.envelope(rejecting, "topic-1", by="x", role=None, scope=None)


@pytest.mark.rule("2", "nothing is closed without a deliberation record")
def test_an_issue_without_a_record_is_refused_for_that_in_every_open_state() -> None:
    talk = patch.start()
    patch.submit(talk)
    issue = talk.row(Issue, "veg-1")

    for state in OPEN:
        issue.state = state
        refused = refuses(
            talk,
            Life(
                "x", "x", {state: ("", "")}, {("-", i.CloseIssue): life.LIFE.table["reported", i.CloseIssue]}
            ),
            issue,
            {i.CloseIssue: lambda: talk.say(i.CloseIssue(outcome="resolved"), "veg-1")},
            lambda state, command: "no_deliberation_record",
        )
        assert refused == 1


def test_a_topic_refuses_what_its_state_does_not_allow() -> None:
    talk = patch.start()
    patch.confirm(talk)
    say = sayer(talk, "topic-1")

    assert (
        refuses(
            talk,
            topic_life.LIFE,
            talk.row(Topic, "topic-1"),
            {
                i.ProposeOption: say(i.ProposeOption(option="opt-9", text="x", channel="app"), by="p-1"),
                i.ConveneSession: say(patch.convening(talk, "s-9")),
                i.AdoptResolution: say(i.AdoptResolution(option="opt-fence", items=[])),
                i.RejectTopic: say(i.RejectTopic(outcome="not_feasible", reasons="x")),
                i.DeclareNoConsensus: say(i.DeclareNoConsensus(reasons="x")),
                i.DeferTopic: say(i.DeferTopic(reasons="x")),
                i.CallOffSession: say(i.CallOffSession(reason="x"), to="s-1"),
                i.AdjournSession: say(i.AdjournSession(), to="s-1"),
                i.AdmitTopic: say(i.AdmitTopic()),
                i.RefuseTopic: say(i.RefuseTopic(ground="unlawful", reasons="x")),
                i.PlaceOnAgenda: say(i.PlaceOnAgenda(reason="x"), role="liaison_station"),
                i.EvaluateTopic: say(i.EvaluateTopic(achieved=True, text="x")),
            },
        )
        > 30
    )


def test_a_session_refuses_what_its_state_does_not_allow() -> None:
    talk = patch.start()
    patch.decide(talk)
    opening = i.OpenBallot(session="s-1", kind="each", closes_at=talk.now.replace(day=6))

    assert (
        refuses(
            talk,
            session.LIFE,
            talk.row(DeliberationSession, "s-1"),
            {
                i.OpenBallot: lambda: talk.say(opening, "b-9", by="p-branch"),
                i.RecordHandCount: lambda: talk.say(hands(), "b-9", by="p-branch"),
                i.DraftMinutes: sayer(talk, "s-1")(i.DraftMinutes(text="x")),
                i.ConfirmMinutes: sayer(talk, "s-1")(i.ConfirmMinutes(channel="app"), by="p-1"),
                i.CallOffSession: sayer(talk, "s-1")(i.CallOffSession(reason="x")),
                i.RecordAttendance: sayer(talk, "s-1")(rooms.came(p_1="resident")),
                i.OpenSession: sayer(talk, "s-1")(i.OpenSession()),
                i.AdjournSession: sayer(talk, "s-1")(i.AdjournSession()),
            },
        )
        > 20
    )


@pytest.mark.rule("2", "a vote can be taken back while the ballot is open, and not later")
def test_a_closed_ballot_takes_no_vote_and_gives_none_back() -> None:
    talk = patch.start()
    patch.decide(talk)
    say = sayer(talk, "b-1")

    assert (
        refuses(
            talk,
            ballots.LIFE,
            talk.row(Ballot, "b-1"),
            {
                i.CastVote: say(patch.vote(), by="p-1"),
                i.RetractVote: say(i.RetractVote(channel="app"), by="p-1"),
            },
            lambda state, command: "ballot_closed",
        )
        == 4
    )


def test_an_action_item_refuses_what_its_state_does_not_allow() -> None:
    talk = patch.start()
    item = patch.act(talk)
    say = sayer(talk, item)

    assert (
        refuses(
            talk,
            action_item.LIFE,
            talk.row(Action, item),
            {
                i.ClaimActionItem: say(i.ClaimActionItem(channel="app"), by="p-5"),
                i.ReportActionDone: say(
                    i.ReportActionDone(done=1, at_least=False, evidence="x", channel="app"), by="p-5"
                ),
                i.VerifyActionItem: say(i.VerifyActionItem(note="x", channel="visit")),
                i.AssignActionItem: say(i.AssignActionItem(person="p-5")),
                i.TrackActionItem: say(i.TrackActionItem(plan="plan-1", reason="x")),
            },
        )
        > 6
    )
