"""Which function answers which message on an issue's way: taken in, owned, on time, reported, closed, asked for again."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts.log import DeadlineReached
from microgov.contracts.matching import SafetyObserved
from microgov.contracts.message import Envelope
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.services.chassis.model import Said
from microgov.services.chassis.service import reads
from microgov.services.issues import rows
from microgov.services.issues.issue import cosigning, emergency, intake, overdue, reopening, routing, suspension, withdrawal
from microgov.services.issues.issue.cosigning import Cosign, Recipient
from microgov.services.issues.issue.intake import External
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Place


@reads(lambda m: [(Issue, m.subject), (Place, m.data.place)])
def submit_issue(m: Envelope[i.SubmitIssue], s: Session) -> Iterator[Said]:
    yield from Issue.submit(m, s)


@reads(lambda m: [(Issue, m.subject), (External, (m.data.ref.system, m.data.ref.number))])
def take_over(m: Envelope[i.HotlineCaseLogged] | Envelope[i.HazardDetected], s: Session) -> Iterator[Said]:
    yield from External.take_over(m, s)


@reads(lambda m: [(Issue, m.data.issue), (Place, m.data.place)])
def safety_observed(m: Envelope[SafetyObserved], s: Session) -> Iterator[Said]:
    yield from intake.observed(m, s)


@reads(rows.of_acceptance, rows.its_place)
def accept_issue(m: Envelope[i.AcceptIssue], s: Session) -> Iterator[Said]:
    yield from Issue.find(s, m.subject).accept(m, s)


@reads(rows.of_issue, rows.its_place)
def decline_issue(m: Envelope[i.DeclineIssue], s: Session) -> Iterator[Said]:
    yield Issue.find(s, m.subject).decline(m, s)


@reads(lambda m: [(Issue, m.subject)], rows.its_place)
def triage_issue(m: Envelope[i.TriageIssue], s: Session) -> Iterator[Said]:
    yield from routing.triage(m, s)


@reads(rows.of_cosign, rows.their_household, rows.its_place)
def cosign_issue(m: Envelope[i.CosignIssue], s: Session) -> Iterator[Said]:
    yield from Cosign.give(m, s)


@reads(rows.of_cosign, rows.their_household, rows.its_place)
def withdraw_cosign(m: Envelope[i.WithdrawCosign], s: Session) -> Iterator[Said]:
    yield Cosign.withdraw(m, s)


@reads(rows.of_contact, rows.its_place)
def contact_reporter(m: Envelope[i.ContactReporter], s: Session) -> Iterator[Said]:
    yield cosigning.contact(m, s)


@reads(rows.of_report, rows.its_place)
def report_result(m: Envelope[i.ReportResult], s: Session) -> Iterator[Said]:
    yield cosigning.report_result(m, s)


@reads(lambda m: [(Issue, m.data.entity), (Recipient, (m.data.entity, m.data.recipient))])
def notice_settled(m: Envelope[NoticeDelivered] | Envelope[NoticeUndeliverable], s: Session) -> Iterator[Said]:
    cosigning.told(m, s)
    yield from ()


@reads(rows.of_issue, rows.its_place)
def close_issue(m: Envelope[i.CloseIssue], s: Session) -> Iterator[Said]:
    yield Issue.find(s, m.subject).close(m, s)


@reads(rows.of_survey, rows.its_place)
def answer_survey(m: Envelope[i.AnswerSurvey], s: Session) -> Iterator[Said]:
    yield from reopening.answer(m, s)


def appeal_decline(m: Envelope[i.AppealDecline], s: Session) -> Iterator[Said]:
    yield withdrawal.appeal(m, s)


def withdraw_issue(m: Envelope[i.WithdrawIssue], s: Session) -> Iterator[Said]:
    yield withdrawal.withdraw(m, s)


@reads(rows.of_issue, rows.its_place)
def route_issue(m: Envelope[i.RouteIssue], s: Session) -> Iterator[Said]:
    yield from routing.route(m, s)


@reads(rows.of_issue, rows.its_place)
def dispatch_emergency(m: Envelope[i.DispatchEmergency], s: Session) -> Iterator[Said]:
    yield from emergency.dispatch(m, s)


def emergency_overdue(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from emergency.overdue(m, s)


def clock_reached(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from overdue.reached(m, s)


@reads(rows.of_issue, rows.its_place)
def return_issue(m: Envelope[i.ReturnIssue], s: Session) -> Iterator[Said]:
    yield from routing.give_back(m, s)


@reads(rows.of_issue, rows.its_place)
def refer_issue(m: Envelope[i.ReferIssue], s: Session) -> Iterator[Said]:
    yield routing.refer(m, s)


@reads(rows.of_issue, rows.its_place)
def escalate_issue(m: Envelope[i.EscalateIssue], s: Session) -> Iterator[Said]:
    yield routing.escalate(m, s)


@reads(rows.of_issue, rows.its_place)
def suspend_issue(m: Envelope[i.SuspendIssue], s: Session) -> Iterator[Said]:
    yield suspension.suspend(m, s)


@reads(rows.of_issue, rows.its_place)
def resume_issue(m: Envelope[i.ResumeIssue], s: Session) -> Iterator[Said]:
    yield from suspension.resume(m, s)


def review_issue(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from suspension.review(m, s)


def request_reopen(m: Envelope[i.RequestReopen], s: Session) -> Iterator[Said]:
    yield reopening.request(m, s)


def reopen_issue(m: Envelope[i.ReopenIssue], s: Session) -> Iterator[Said]:
    yield from reopening.reopen(m, s)


def review_outcome(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    yield from reopening.review(m, s)


def refuse_reopen(m: Envelope[i.RefuseReopen], s: Session) -> Iterator[Said]:
    yield reopening.refuse(m, s)
