"""Table of the service: which function handles which message, deadline, question and admin request."""

from microgov.contracts import issues as i
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
from microgov.services.issues.deliberation.ballots import casting, hand_count, minutes
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.sessions.council import Council, Seat
from microgov.services.issues.deliberation.sessions.role_holding import RoleHolding
from microgov.services.issues.deliberation.topics import disagreement, no_consensus, round_table, screening
from microgov.services.issues.deliberation.topics.round_table import show_round_table
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import (
    cosigning,
    emergency,
    intake,
    mediating,
    overdue,
    reopening,
    routing,
    suspension,
    withdrawal,
)
from microgov.services.issues.issue.cosigning import Cosign, Recipient
from microgov.services.issues.issue.intake import External
from microgov.services.issues.issue.issue import Issue
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
        i.SubmitIssue: reads(Issue.submit, lambda m: [(Issue, m.subject), (Place, m.data.place)]),
        i.HotlineCaseLogged: reads(
            External.take_over,
            lambda m: [(Issue, m.subject), (External, (m.data.ref.system, m.data.ref.number))],
        ),
        i.HazardDetected: reads(
            External.take_over,
            lambda m: [(Issue, m.subject), (External, (m.data.ref.system, m.data.ref.number))],
        ),
        SafetyObserved: reads(intake.observed, lambda m: [(Issue, m.data.issue), (Place, m.data.place)]),
        i.AcceptIssue: reads(on(Issue, Issue.accept), keys.of_acceptance, keys.its_place),
        i.DeclineIssue: reads(on(Issue, Issue.decline), keys.of_issue, keys.its_place),
        i.TriageIssue: reads(routing.triage, lambda m: [(Issue, m.subject)], keys.its_place),
        i.CosignIssue: reads(Cosign.give, keys.of_cosign, keys.their_household, keys.its_place),
        i.WithdrawCosign: reads(Cosign.withdraw, keys.of_cosign, keys.their_household, keys.its_place),
        i.ContactReporter: reads(cosigning.contact, keys.of_contact, keys.its_place),
        i.ProposeTopic: screening.propose,
        i.AdmitTopic: screening.admit,
        i.RefuseTopic: screening.refuse,
        i.PlaceOnAgenda: screening.place_on_agenda,
        i.EvaluateTopic: screening.evaluate,
        i.OpenDeliberation: reads(Topic.open, keys.of_opening, keys.its_place),
        i.ProposeOption: reads(on(Topic, Topic.propose), keys.of_option, keys.issue_of_topic, keys.its_place),
        i.ConveneSession: reads(
            convening.convene, keys.of_convening, keys.issue_of_topic, keys.its_place, keys.those_called
        ),
        i.CallOffSession: reads(convening.call_off, keys.of_session, keys.issue_of_session, keys.its_place),
        i.RecordAttendance: reads(
            attendance.record, keys.of_attendance, keys.households_of_session, keys.its_place
        ),
        i.OpenSession: reads(attendance.open_session, keys.of_session, keys.issue_of_session, keys.its_place),
        i.AdjournSession: reads(attendance.adjourn, keys.of_session, keys.issue_of_session, keys.its_place),
        i.FormCouncil: Council.form,
        i.SeatMember: Seat.take,
        i.UnseatMember: Seat.unseat,
        i.RaiseDisagreement: disagreement.put,
        i.NarrowDisagreement: disagreement.narrow,
        i.SettleDisagreement: disagreement.settle,
        i.MediateDisagreement: disagreement.mediate,
        i.EscalateDisagreement: disagreement.escalate,
        i.SetUpRoundTable: round_table.set_up,
        i.HoldRoundTable: round_table.hold,
        i.StopRoundTable: round_table.stop,
        i.OpenBallot: Ballot.open,
        i.BallotKeyMade: SecretBallot.learn,
        i.CastVote: reads(casting.cast, keys.of_cast),
        i.RetractVote: reads(casting.retract, keys.of_vote),
        i.SecretBallotCounted: on(Ballot, Ballot.counted),
        i.RecordHandCount: reads(hand_count.record, keys.of_hands, keys.issue_of_hands, keys.its_place),
        i.DraftMinutes: reads(minutes.draft, keys.of_session, keys.issue_of_session, keys.its_place),
        i.ConfirmMinutes: reads(minutes.confirm, keys.of_session, keys.issue_of_session, keys.its_place),
        i.AdoptResolution: reads(on(Topic, Topic.adopt), keys.of_option, keys.issue_of_topic, keys.its_place),
        i.RejectTopic: reads(on(Topic, Topic.reject), keys.of_topic, keys.issue_of_topic, keys.its_place),
        i.DeclareNoConsensus: reads(
            no_consensus.no_consensus, keys.of_topic, keys.issue_of_topic, keys.its_place
        ),
        i.DeferTopic: reads(no_consensus.defer, keys.of_topic, keys.issue_of_topic, keys.its_place),
        i.TrackActionItem: reads(
            on(Action, Action.track), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        i.DefineActionItem: reads(Action.direct, keys.of_direct_item, keys.its_place),
        i.AssignActionItem: reads(
            on(Action, Action.assign), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        i.ClaimActionItem: reads(
            on(Action, Action.claim), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        i.ReportActionDone: reads(
            on(Action, Action.report_done), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        i.VerifyActionItem: reads(
            on(Action, Action.verify), keys.of_action, keys.issue_of_action, keys.its_place
        ),
        i.ReportResult: reads(cosigning.report_result, keys.of_report, keys.its_place),
        i.CloseIssue: reads(on(Issue, Issue.close), keys.of_issue, keys.its_place),
        i.AnswerSurvey: reads(reopening.answer, keys.of_survey, keys.its_place),
        i.AppealDecline: withdrawal.appeal,
        i.WithdrawIssue: withdrawal.withdraw,
        i.RouteIssue: reads(routing.route, keys.of_issue, keys.its_place),
        i.DispatchEmergency: reads(emergency.dispatch, keys.of_issue, keys.its_place),
        i.ReturnIssue: reads(routing.give_back, keys.of_issue, keys.its_place),
        i.ReferIssue: reads(routing.refer, keys.of_issue, keys.its_place),
        i.EscalateIssue: reads(routing.escalate, keys.of_issue, keys.its_place),
        i.SuspendIssue: reads(suspension.suspend, keys.of_issue, keys.its_place),
        i.ResumeIssue: reads(suspension.resume, keys.of_issue, keys.its_place),
        i.RequestReopen: reopening.request,
        i.ReopenIssue: reopening.reopen,
        i.RefuseReopen: reopening.refuse,
        i.RequestMediation: mediating.request,
        i.ConsentToMediation: mediating.consent,
        i.RefuseMediation: mediating.refuse,
        i.AssignMediator: mediating.assign,
        i.HoldMediation: mediating.hold,
        i.SettleMediation: mediating.settle,
        i.FollowUpMediation: mediating.follow_up,
        i.FailMediation: mediating.fail,
        i.OpenVisitRound: reads(
            VisitRound.open, lambda m: [(Place, contact.place) for contact in m.data.contacts]
        ),
        i.AttemptVisit: reads(steps.attempt, lambda m: [(Visit, m.subject)]),
        i.MakeVisit: reads(steps.make, lambda m: [(Visit, m.subject), (Person, m.data.person)]),
        i.RecordVisitLists: reads(steps.record, lambda m: [(Visit, m.subject)]),
        i.GiveVisitFeedback: reads(steps.give_feedback, lambda m: [(Visit, m.subject)]),
        **dict.fromkeys(FATES, reads(Line.moved, lambda m: [(Line, m.subject)])),
        OrganisationFiled: Organisation.filed,
        NoticeDelivered: reads(
            cosigning.told, lambda m: [(Issue, m.data.entity), (Recipient, (m.data.entity, m.data.recipient))]
        ),
        NoticeUndeliverable: reads(
            cosigning.told, lambda m: [(Issue, m.data.entity), (Recipient, (m.data.entity, m.data.recipient))]
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
    admin_requests={
        i.KeepHouseholdFile: files.keep,
        i.ReadHouseholdFile: files.read,
        i.EraseHouseholdFile: files.erase,
    },
)
