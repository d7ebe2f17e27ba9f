"""The whole behaviour of the service in one table: which function answers which message."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import issues as i
from contracts.directory import PersonRegistered, RulesChanged
from contracts.log import DeadlineReached
from contracts.message import Envelope
from contracts.notify import NoticeDelivered, NoticeUndeliverable
from services.chassis.house import house_handlers
from services.chassis.model import AnyMessage, Said
from services.chassis.service import Key, Service, reads
from services.issues import clocks, cosigns, deliberation, emergencies, holds, lateness, reopening, routing, withdrawals
from services.issues.cosigns import Cosign, CosignHousehold, Recipient
from services.issues.counting import show_rates
from services.issues.course import Course
from services.issues.externals import External
from services.issues.issues import Issue
from services.issues.lists import list_due, list_issues, show_achieved, show_topic
from services.issues.model import Base, Kept, Person, Place, Rule
from services.issues.questions import show_ballot, show_issue

HOUSE = house_handlers(Place, Rule)


def rules_changed(m: Envelope[RulesChanged], s: Session) -> Iterator[Said]:
    yield from HOUSE[RulesChanged](m, s)
    if m.data.section == "calendar":
        yield from lateness.calendar_changed(m, s)


@reads(lambda m: [(Person, m.data.person)])
def register_person(m: Envelope[PersonRegistered], s: Session) -> Iterator[Said]:
    Person.register(m, s)
    yield from ()


@reads(lambda m: [(Issue, m.subject)])
def submit_issue(m: Envelope[i.SubmitIssue], s: Session) -> Iterator[Said]:
    yield from Issue.submit(m, s)


@reads(lambda m: [(Issue, m.subject), (External, (m.data.ref.system, m.data.ref.number))])
def take_over(m: Envelope[i.HotlineCaseLogged] | Envelope[i.HazardDetected], s: Session) -> Iterator[Said]:
    yield from External.take_over(m, s)


@reads(lambda m: [(Issue, m.subject), (Course, m.subject)])
def accept_issue(m: Envelope[i.AcceptIssue], s: Session) -> Iterator[Said]:
    yield from Issue.find(s, m.subject).accept(m, s)


def decline_issue(m: Envelope[i.DeclineIssue], s: Session) -> Iterator[Said]:
    yield Issue.find(s, m.subject).decline(m, s)


@reads(lambda m: [(Issue, m.subject)])
def triage_issue(m: Envelope[i.TriageIssue], s: Session) -> Iterator[Said]:
    yield Issue.find(s, m.subject).triage(m, s)


def _household_rows(m: AnyMessage, s: Session) -> list[Key]:
    person = s.get(Person, m.beneficiary)
    return [(CosignHousehold, (m.subject, person.household))] if person is not None else []


@reads(lambda m: [(Issue, m.subject), (Person, m.beneficiary), (Cosign, (m.subject, m.beneficiary))], _household_rows)
def cosign_issue(m: Envelope[i.CosignIssue], s: Session) -> Iterator[Said]:
    yield from Cosign.give(m, s)


@reads(lambda m: [(Issue, m.subject), (Cosign, (m.subject, m.beneficiary))], _household_rows)
def withdraw_cosign(m: Envelope[i.WithdrawCosign], s: Session) -> Iterator[Said]:
    yield Cosign.withdraw(m, s)


def contact_reporter(m: Envelope[i.ContactReporter], s: Session) -> Iterator[Said]:
    yield cosigns.contact(m, s)


def report_result(m: Envelope[i.ReportResult], s: Session) -> Iterator[Said]:
    yield cosigns.report_result(m, s)


@reads(lambda m: [(Issue, m.data.entity), (Recipient, (m.data.entity, m.data.recipient))])
def notice_settled(m: Envelope[NoticeDelivered] | Envelope[NoticeUndeliverable], s: Session) -> Iterator[Said]:
    cosigns.told(m, s)
    yield from ()


def close_issue(m: Envelope[i.CloseIssue], s: Session) -> Iterator[Said]:
    yield Issue.find(s, m.subject).close(m, s)


def answer_survey(m: Envelope[i.AnswerSurvey], s: Session) -> Iterator[Said]:
    yield from reopening.answer(m, s)


def appeal_decline(m: Envelope[i.AppealDecline], s: Session) -> Iterator[Said]:
    yield withdrawals.appeal(m, s)


def withdraw_issue(m: Envelope[i.WithdrawIssue], s: Session) -> Iterator[Said]:
    yield withdrawals.withdraw(m, s)


def route_issue(m: Envelope[i.RouteIssue], s: Session) -> Iterator[Said]:
    yield from routing.route(m, s)


def dispatch_emergency(m: Envelope[i.DispatchEmergency], s: Session) -> Iterator[Said]:
    yield emergencies.dispatch(m, s)


def emergency_overdue(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from emergencies.overdue(m, s)


def clock_reached(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from lateness.reached(m, s)


def return_issue(m: Envelope[i.ReturnIssue], s: Session) -> Iterator[Said]:
    yield from routing.give_back(m, s)


def refer_issue(m: Envelope[i.ReferIssue], s: Session) -> Iterator[Said]:
    yield routing.refer(m, s)


def escalate_issue(m: Envelope[i.EscalateIssue], s: Session) -> Iterator[Said]:
    yield routing.escalate(m, s)


def suspend_issue(m: Envelope[i.SuspendIssue], s: Session) -> Iterator[Said]:
    yield holds.suspend(m, s)


def resume_issue(m: Envelope[i.ResumeIssue], s: Session) -> Iterator[Said]:
    yield from holds.resume(m, s)


def review_issue(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from holds.review(m, s)


def request_reopen(m: Envelope[i.RequestReopen], s: Session) -> Iterator[Said]:
    yield reopening.request(m, s)


def reopen_issue(m: Envelope[i.ReopenIssue], s: Session) -> Iterator[Said]:
    yield from reopening.reopen(m, s)


def review_outcome(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from reopening.review(m, s)


def refuse_reopen(m: Envelope[i.RefuseReopen], s: Session) -> Iterator[Said]:
    yield reopening.refuse(m, s)


service = Service(
    name="issues",
    base=Base,
    kept=Kept,
    handlers={
        **HOUSE,
        RulesChanged: rules_changed,
        PersonRegistered: register_person,
        i.SubmitIssue: submit_issue,
        i.HotlineCaseLogged: take_over,
        i.HazardDetected: take_over,
        i.AcceptIssue: accept_issue,
        i.DeclineIssue: decline_issue,
        i.TriageIssue: triage_issue,
        i.CosignIssue: cosign_issue,
        i.WithdrawCosign: withdraw_cosign,
        i.ContactReporter: contact_reporter,
        i.OpenDeliberation: deliberation.open_deliberation,
        i.ProposeOption: deliberation.propose_option,
        i.ConveneSession: deliberation.convene_session,
        i.OpenBallot: deliberation.open_ballot,
        i.BallotKeyMade: deliberation.ballot_key_made,
        i.CastVote: deliberation.cast_vote,
        i.RetractVote: deliberation.retract_vote,
        i.SecretBallotCounted: deliberation.secret_ballot_counted,
        i.RecordHandCount: deliberation.record_hand_count,
        i.DraftMinutes: deliberation.draft_minutes,
        i.ConfirmMinutes: deliberation.confirm_minutes,
        i.AdoptResolution: deliberation.adopt_resolution,
        i.RejectTopic: deliberation.reject_topic,
        i.DeclareNoConsensus: deliberation.declare_no_consensus,
        i.DeferTopic: deliberation.defer_topic,
        i.TrackActionItem: deliberation.track_action_item,
        i.ClaimActionItem: deliberation.claim_action_item,
        i.ReportActionDone: deliberation.report_action_done,
        i.VerifyActionItem: deliberation.verify_action_item,
        i.ReportResult: report_result,
        i.CloseIssue: close_issue,
        i.AnswerSurvey: answer_survey,
        i.AppealDecline: appeal_decline,
        i.WithdrawIssue: withdraw_issue,
        i.RouteIssue: route_issue,
        i.DispatchEmergency: dispatch_emergency,
        i.ReturnIssue: return_issue,
        i.ReferIssue: refer_issue,
        i.EscalateIssue: escalate_issue,
        i.SuspendIssue: suspend_issue,
        i.ResumeIssue: resume_issue,
        i.RequestReopen: request_reopen,
        i.ReopenIssue: reopen_issue,
        i.RefuseReopen: refuse_reopen,
        i.RequestMediation: deliberation.request_mediation,
        i.ConsentToMediation: deliberation.consent_to_mediation,
        i.RefuseMediation: deliberation.refuse_mediation,
        i.AssignMediator: deliberation.assign_mediator,
        i.HoldMediation: deliberation.hold_mediation,
        i.SettleMediation: deliberation.settle_mediation,
        i.FollowUpMediation: deliberation.follow_up_mediation,
        i.FailMediation: deliberation.fail_mediation,
        NoticeDelivered: notice_settled,
        NoticeUndeliverable: notice_settled,
    },
    deadlines={
        "ballot": deliberation.close_ballot,
        "deliberation_due": emergency_overdue,
        "review": review_issue,
        "re_review": review_outcome,
        "mediation": deliberation.lapse_mediation,
        **dict.fromkeys(clocks.CLOCKS, clock_reached),
    },
    questions={
        i.ShowIssue: show_issue,
        i.ShowBallot: show_ballot,
        i.ListIssues: list_issues,
        i.ListDue: list_due,
        i.ShowTopic: show_topic,
        i.ShowAchieved: show_achieved,
        i.ShowRates: show_rates,
    },
)
