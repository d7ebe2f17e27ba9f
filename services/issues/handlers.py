"""The whole behaviour of the service in one table: which function answers which message."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts.directory import PersonRegistered, RoleGranted, RoleRevoked, RulesChanged
from microgov.contracts.matching import OrganisationFiled, SafetyObserved
from microgov.contracts.message import Envelope
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.services.chassis.model import Said
from microgov.services.chassis.reference_data import house_handlers
from microgov.services.chassis.service import Service, reads
from microgov.services.issues import casework
from microgov.services.issues.clocks import clock
from microgov.services.issues.deliberation import agenda
from microgov.services.issues.deliberation import handlers as deliberation
from microgov.services.issues.deliberation.sessions.role_holding import Standing
from microgov.services.issues.deliberation.topics.round_table import show_round_table
from microgov.services.issues.issue import mediation_handlers as mediations
from microgov.services.issues.issue import overdue
from microgov.services.issues.model import Base, Kept, Person, Place, Rule
from microgov.services.issues.questions.history import show_history
from microgov.services.issues.questions.list import list_due, list_issues, show_achieved, show_topic
from microgov.services.issues.questions.rates import show_rates
from microgov.services.issues.questions.show import show_ballot, show_issue
from microgov.services.issues.questions.visits import list_visits, show_round, show_visit
from microgov.services.issues.visits import files
from microgov.services.issues.visits import handlers as visits
from microgov.services.issues.visits.lines import FATES

HOUSE = house_handlers(Place, Rule)


def rules_changed(m: Envelope[RulesChanged], s: Session) -> Iterator[Said]:
    yield from HOUSE[RulesChanged](m, s)
    if m.data.section == "calendar":
        yield from overdue.calendar_changed(m, s)


@reads(lambda m: [(Person, m.data.person)])
def register_person(m: Envelope[PersonRegistered], s: Session) -> Iterator[Said]:
    Person.register(m, s)
    yield from ()


@reads(lambda m: [(Standing, (m.data.place, m.data.role, m.data.person))])
def role_granted(m: Envelope[RoleGranted], s: Session) -> Iterator[Said]:
    Standing.grant(m.data, s)
    yield from ()


def role_revoked(m: Envelope[RoleRevoked], s: Session) -> Iterator[Said]:
    Standing.revoke(m.data, s)
    yield from ()


service = Service(
    name="issues",
    base=Base,
    kept=Kept,
    handlers={
        **HOUSE,
        RulesChanged: rules_changed,
        PersonRegistered: register_person,
        RoleGranted: role_granted,
        RoleRevoked: role_revoked,
        i.SubmitIssue: casework.submit_issue,
        i.HotlineCaseLogged: casework.take_over,
        i.HazardDetected: casework.take_over,
        SafetyObserved: casework.safety_observed,
        i.AcceptIssue: casework.accept_issue,
        i.DeclineIssue: casework.decline_issue,
        i.TriageIssue: casework.triage_issue,
        i.CosignIssue: casework.cosign_issue,
        i.WithdrawCosign: casework.withdraw_cosign,
        i.ContactReporter: casework.contact_reporter,
        i.ProposeTopic: agenda.propose_topic,
        i.AdmitTopic: agenda.admit_topic,
        i.RefuseTopic: agenda.refuse_topic,
        i.PlaceOnAgenda: agenda.place_on_agenda,
        i.EvaluateTopic: agenda.evaluate_topic,
        i.OpenDeliberation: deliberation.open_deliberation,
        i.ProposeOption: deliberation.propose_option,
        i.ConveneSession: deliberation.convene_session,
        i.CallOffSession: deliberation.call_off_session,
        i.RecordAttendance: deliberation.record_attendance,
        i.OpenSession: deliberation.open_session,
        i.AdjournSession: deliberation.adjourn_session,
        i.FormCouncil: agenda.form_council,
        i.SeatMember: agenda.seat_member,
        i.UnseatMember: agenda.unseat_member,
        i.RaiseDisagreement: agenda.raise_disagreement,
        i.NarrowDisagreement: agenda.narrow_disagreement,
        i.SettleDisagreement: agenda.settle_disagreement,
        i.MediateDisagreement: agenda.mediate_disagreement,
        i.EscalateDisagreement: agenda.escalate_disagreement,
        i.SetUpRoundTable: agenda.set_up_round_table,
        i.HoldRoundTable: agenda.hold_round_table,
        i.StopRoundTable: agenda.stop_round_table,
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
        i.DefineActionItem: deliberation.define_action_item,
        i.AssignActionItem: deliberation.assign_action_item,
        i.ClaimActionItem: deliberation.claim_action_item,
        i.ReportActionDone: deliberation.report_action_done,
        i.VerifyActionItem: deliberation.verify_action_item,
        i.ReportResult: casework.report_result,
        i.CloseIssue: casework.close_issue,
        i.AnswerSurvey: casework.answer_survey,
        i.AppealDecline: casework.appeal_decline,
        i.WithdrawIssue: casework.withdraw_issue,
        i.RouteIssue: casework.route_issue,
        i.DispatchEmergency: casework.dispatch_emergency,
        i.ReturnIssue: casework.return_issue,
        i.ReferIssue: casework.refer_issue,
        i.EscalateIssue: casework.escalate_issue,
        i.SuspendIssue: casework.suspend_issue,
        i.ResumeIssue: casework.resume_issue,
        i.RequestReopen: casework.request_reopen,
        i.ReopenIssue: casework.reopen_issue,
        i.RefuseReopen: casework.refuse_reopen,
        i.RequestMediation: mediations.request_mediation,
        i.ConsentToMediation: mediations.consent_to_mediation,
        i.RefuseMediation: mediations.refuse_mediation,
        i.AssignMediator: mediations.assign_mediator,
        i.HoldMediation: mediations.hold_mediation,
        i.SettleMediation: mediations.settle_mediation,
        i.FollowUpMediation: mediations.follow_up_mediation,
        i.FailMediation: mediations.fail_mediation,
        i.OpenVisitRound: visits.open_visit_round,
        i.AttemptVisit: visits.attempt_visit,
        i.MakeVisit: visits.make_visit,
        i.RecordVisitLists: visits.record_visit_lists,
        i.GiveVisitFeedback: visits.give_visit_feedback,
        **dict.fromkeys(FATES, visits.order_moved),
        OrganisationFiled: deliberation.organisation_filed,
        NoticeDelivered: casework.notice_settled,
        NoticeUndeliverable: casework.notice_settled,
    },
    deadlines={
        "ballot": deliberation.close_ballot,
        "review": casework.review_issue,
        "re_review": casework.review_outcome,
        "round_table": agenda.round_table_due,
        "term": agenda.end_term,
        "mediation": mediations.lapse_mediation,
        **dict.fromkeys(clock.CLOCKS, casework.clock_reached),
        clock.DUE: casework.emergency_overdue,
    },
    questions={
        i.ShowIssue: show_issue,
        i.ShowHistory: show_history,
        i.ShowBallot: show_ballot,
        i.ListIssues: list_issues,
        i.ListDue: list_due,
        i.ShowTopic: show_topic,
        i.ShowRoundTable: show_round_table,
        i.ShowAchieved: show_achieved,
        i.ShowRates: show_rates,
        i.ShowVisitRound: show_round,
        i.ShowVisit: show_visit,
        i.ListVisits: list_visits,
    },
    errands={i.KeepHouseholdFile: files.keep, i.ReadHouseholdFile: files.read, i.EraseHouseholdFile: files.erase},
)
