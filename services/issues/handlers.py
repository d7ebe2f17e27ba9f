"""The definition of the service issues: which function handles which message, deadline, question and admin request."""

from microgov.contracts import issues
from microgov.contracts.directory import (
    PersonRegistered,
    PlaceDefined,
    RoleGranted,
    RoleRevoked,
    RulesChanged,
)
from microgov.contracts.matching import OrganisationFiled, SafetyObserved
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.services.chassis.service import Service, due, on, reads
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.actions.assignee import Organisation
from microgov.services.issues.clocks import clock
from microgov.services.issues.deliberation.attendance import attendance, convening
from microgov.services.issues.deliberation.ballots import casting, hand_count, lost_key, minutes
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.sessions.council import Council, Seat
from microgov.services.issues.deliberation.sessions.role_holding import RoleHolding
from microgov.services.issues.deliberation.topics import disagreement, no_consensus, round_table, screening
from microgov.services.issues.deliberation.topics.round_table import show_round_table
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import (
    emergency,
    intake,
    mediating,
    overdue,
    recipients,
    reopening,
    routing,
    suspension,
    withdrawal,
)
from microgov.services.issues.issue.cosigning import Cosign
from microgov.services.issues.issue.intake import External
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.model import Base, Kept, Person, Place
from microgov.services.issues.prefetch import keys
from microgov.services.issues.questions.history import show_history
from microgov.services.issues.questions.list import list_due, list_issues, show_achieved, show_topic
from microgov.services.issues.questions.rates import show_rates
from microgov.services.issues.questions.show import show_ballot, show_issue
from microgov.services.issues.questions.visits import list_visits, show_round, show_visit
from microgov.services.issues.visits import files, steps
from microgov.services.issues.visits.lines import FATES, Line
from microgov.services.issues.visits.rounds import VisitRound
from microgov.services.issues.visits.visit import Visit

service = Service(
    name="issues",
    base=Base,
    kept=Kept,
    handlers={
        PlaceDefined: Place.learn,
        RulesChanged: overdue.rules_changed,
        PersonRegistered: reads(Person.register, lambda m: [(Person, m.data.person)]),
        RoleGranted: reads(
            RoleHolding.grant, lambda m: [(RoleHolding, (m.data.place, m.data.role, m.data.person))]
        ),
        RoleRevoked: RoleHolding.revoke,
        issues.SubmitIssue: reads(Issue.submit, lambda m: [(Issue, m.subject), (Place, m.data.place)]),
        issues.HotlineCaseLogged: reads(
            External.take_over,
            lambda m: [(Issue, m.subject), (External, (m.data.ref.system, m.data.ref.number))],
        ),
        issues.HazardDetected: reads(
            External.take_over,
            lambda m: [(Issue, m.subject), (External, (m.data.ref.system, m.data.ref.number))],
        ),
        SafetyObserved: reads(intake.observed, lambda m: [(Issue, m.data.issue), (Place, m.data.place)]),
        issues.AcceptIssue: reads(on(Issue, Issue.accept), keys.of_acceptance, keys.its_place),
        issues.DeclineIssue: reads(on(Issue, Issue.decline), keys.of_issue, keys.its_place),
        issues.TriageIssue: reads(routing.triage, lambda m: [(Issue, m.subject)], keys.its_place),
        issues.CosignIssue: reads(Cosign.give, keys.of_cosign, keys.their_household, keys.its_place),
        issues.WithdrawCosign: reads(Cosign.withdraw, keys.of_cosign, keys.their_household, keys.its_place),
        issues.ContactReporter: reads(recipients.contact, keys.of_contact, keys.its_place),
        issues.ProposeTopic: screening.propose,
        issues.AdmitTopic: screening.admit,
        issues.RefuseTopic: screening.refuse,
        issues.PlaceOnAgenda: screening.place_on_agenda,
        issues.EvaluateTopic: screening.evaluate,
        issues.OpenDeliberation: reads(Topic.open, keys.of_opening, keys.its_place),
        issues.ProposeOption: reads(
            on(Topic, Topic.propose), keys.of_option, keys.issue_of_topic, keys.its_place
        ),
        issues.ConveneSession: reads(
            convening.convene, keys.of_convening, keys.issue_of_topic, keys.its_place, keys.those_called
        ),
        issues.CallOffSession: reads(
            convening.call_off, keys.of_session, keys.issue_of_session, keys.its_place
        ),
        issues.RecordAttendance: reads(
            attendance.record, keys.of_attendance, keys.households_of_session, keys.its_place
        ),
        issues.OpenSession: reads(
            attendance.open_session, keys.of_session, keys.issue_of_session, keys.its_place
        ),
        issues.AdjournSession: reads(
            attendance.adjourn, keys.of_session, keys.issue_of_session, keys.its_place
        ),
        issues.FormCouncil: Council.form,
        issues.SeatMember: Seat.take,
        issues.UnseatMember: Seat.unseat,
        issues.RaiseDisagreement: disagreement.put,
        issues.NarrowDisagreement: disagreement.narrow,
        issues.SettleDisagreement: disagreement.settle,
        issues.MediateDisagreement: disagreement.mediate,
        issues.EscalateDisagreement: disagreement.escalate,
        issues.SetUpRoundTable: round_table.set_up,
        issues.HoldRoundTable: round_table.hold,
        issues.StopRoundTable: round_table.stop,
        issues.OpenBallot: Ballot.open,
        issues.BallotKeyMade: SecretBallot.learn,
        issues.CastVote: reads(casting.cast, keys.of_cast),
        issues.RetractVote: reads(casting.retract, keys.of_vote),
        issues.SecretBallotCounted: on(Ballot, Ballot.counted),
        issues.BallotKeyLost: lost_key.key_lost,
        issues.RecordHandCount: reads(hand_count.record, keys.of_hands, keys.issue_of_hands, keys.its_place),
        issues.DraftMinutes: reads(minutes.draft, keys.of_session, keys.issue_of_session, keys.its_place),
        issues.ConfirmMinutes: reads(minutes.sign, keys.of_session, keys.issue_of_session, keys.its_place),
        issues.AdoptResolution: reads(
            on(Topic, Topic.adopt), keys.of_option, keys.issue_of_topic, keys.its_place
        ),
        issues.RejectTopic: reads(
            on(Topic, Topic.reject), keys.of_topic, keys.issue_of_topic, keys.its_place
        ),
        issues.DeclareNoConsensus: reads(
            no_consensus.no_consensus, keys.of_topic, keys.issue_of_topic, keys.its_place
        ),
        issues.DeferTopic: reads(no_consensus.defer, keys.of_topic, keys.issue_of_topic, keys.its_place),
        issues.TrackActionItem: reads(
            on(Action, Action.track), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        issues.DefineActionItem: reads(Action.direct, keys.of_direct_item, keys.its_place),
        issues.AssignActionItem: reads(
            on(Action, Action.assign), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        issues.ClaimActionItem: reads(
            on(Action, Action.claim), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        issues.ReportActionDone: reads(
            on(Action, Action.report_done), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        issues.VerifyActionItem: reads(
            on(Action, Action.verify), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        issues.ReportResult: reads(recipients.report_result, keys.of_report, keys.its_place),
        issues.CloseIssue: reads(on(Issue, Issue.close), keys.of_issue, keys.its_place),
        issues.AnswerSurvey: reads(reopening.answer, keys.of_survey, keys.its_place),
        issues.AppealDecline: withdrawal.appeal,
        issues.WithdrawIssue: withdrawal.withdraw,
        issues.RouteIssue: reads(routing.route, keys.of_issue, keys.its_place),
        issues.DispatchEmergency: reads(emergency.dispatch, keys.of_issue, keys.its_place),
        issues.ReturnIssue: reads(routing.give_back, keys.of_issue, keys.its_place),
        issues.ReferIssue: reads(routing.refer, keys.of_issue, keys.its_place),
        issues.EscalateIssue: reads(routing.escalate, keys.of_issue, keys.its_place),
        issues.SuspendIssue: reads(suspension.suspend, keys.of_issue, keys.its_place),
        issues.ResumeIssue: reads(suspension.resume, keys.of_issue, keys.its_place),
        issues.RequestReopen: reopening.request,
        issues.ReopenIssue: reopening.reopen,
        issues.RefuseReopen: reopening.refuse,
        issues.RequestMediation: mediating.request,
        issues.ConsentToMediation: mediating.consent,
        issues.RefuseMediation: mediating.refuse,
        issues.AssignMediator: mediating.assign,
        issues.HoldMediation: mediating.hold,
        issues.SettleMediation: mediating.settle,
        issues.FollowUpMediation: mediating.follow_up,
        issues.FailMediation: mediating.fail,
        issues.OpenVisitRound: reads(
            VisitRound.open, lambda m: [(Place, contact.place) for contact in m.data.contacts]
        ),
        issues.AttemptVisit: reads(steps.attempt, lambda m: [(Visit, m.subject)]),
        issues.MakeVisit: reads(steps.make, lambda m: [(Visit, m.subject), (Person, m.data.person)]),
        issues.RecordVisitLists: reads(steps.record, lambda m: [(Visit, m.subject)]),
        issues.GiveVisitFeedback: reads(steps.give_feedback, lambda m: [(Visit, m.subject)]),
        **dict.fromkeys(FATES, reads(Line.update, lambda m: [(Line, m.subject)])),
        OrganisationFiled: Organisation.filed,
        NoticeDelivered: reads(
            recipients.record_delivery,
            lambda m: [(Issue, m.data.entity), (Recipient, (m.data.entity, m.data.recipient))],
        ),
        NoticeUndeliverable: reads(
            recipients.record_delivery,
            lambda m: [(Issue, m.data.entity), (Recipient, (m.data.entity, m.data.recipient))],
        ),
    },
    deadlines={
        "ballot": due(Ballot, Ballot.close),
        "review": suspension.review,
        "re_review": reopening.review,
        "round_table": round_table.due,
        "term": Seat.end,
        "mediation": mediating.lapse,
        **dict.fromkeys(clock.CLOCKS, overdue.reached),
        clock.DUE: emergency.overdue,
    },
    questions={
        issues.ShowIssue: show_issue,
        issues.ShowHistory: show_history,
        issues.ShowBallot: show_ballot,
        issues.ListIssues: list_issues,
        issues.ListDue: list_due,
        issues.ShowTopic: show_topic,
        issues.ShowRoundTable: show_round_table,
        issues.ShowAchieved: show_achieved,
        issues.ShowRates: show_rates,
        issues.ShowVisitRound: show_round,
        issues.ShowVisit: show_visit,
        issues.ListVisits: list_visits,
    },
    admin_requests={
        issues.KeepHouseholdFile: files.keep,
        issues.ReadHouseholdFile: files.read,
        issues.EraseHouseholdFile: files.erase,
    },
)
