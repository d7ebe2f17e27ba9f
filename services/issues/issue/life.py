"""State machine of an issue as one table, with its guards (domain.md §2.2)."""

from microgov.contracts.issues import (
    AcceptIssue,
    ActionItemDefined,
    AdoptResolution,
    AnswerSurvey,
    AppealDecline,
    CloseIssue,
    ContactReporter,
    CosignIssue,
    CosignWithdrawn,
    DeadlineBreached,
    DeadlineWarned,
    DeclareNoConsensus,
    DeclineAppealed,
    DeclineIssue,
    DeferTopic,
    DefineActionItem,
    DeliberationOpened,
    DeliberationRecorded,
    DispatchEmergency,
    EmergencyDispatched,
    EscalateIssue,
    IssueAccepted,
    IssueClosed,
    IssueCosigned,
    IssueDeclined,
    IssueEscalated,
    IssuePassedOn,
    IssueReferred,
    IssueReopened,
    IssueResumed,
    IssueReturned,
    IssueRouted,
    IssueSubmitted,
    IssueSuspended,
    IssueTriaged,
    IssueWithdrawn,
    MediationEnded,
    MediationOpened,
    OpenDeliberation,
    OutcomeReviewDue,
    ProposeTopic,
    ReferIssue,
    RefuseReopen,
    RejectTopic,
    ReopenIssue,
    ReopenRefused,
    ReopenRequested,
    ReporterContacted,
    ReportResult,
    RequestReopen,
    ResultReported,
    ResumeIssue,
    ReturnIssue,
    RouteIssue,
    SubmitIssue,
    SurveyAnswered,
    SuspendIssue,
    TopicDeferred,
    TopicProposed,
    TriageIssue,
    WithdrawCosign,
    WithdrawIssue,
)
from microgov.contracts.issues.vocabulary import FORMS
from microgov.services.chassis.model import BACK, SAME, Guard, Life, Transition, each
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.mediation.mediation import Mediation

DELIBERATION_RECORDED = Guard(
    "no_deliberation_record",
    "大事小事突发事，事事都议：这件事还没有议事记录，不能办结。请先开启议事，确认会议记录，形成决议。",
    "Every matter is deliberated, great, small or sudden: this issue has no deliberation record and cannot be closed. "
    "Open a deliberation and bring it to a resolution first.",
    lambda issue, m, s: issue.records > 0,
)
NO_OPEN_ITEMS = Guard(
    "action_items_open",
    "决议的落实事项尚未全部核实，不能办结。请先完成并由他人核实每一项。",
    "Action items of the resolution are not verified, so the issue cannot be closed. Have each verified first.",
    lambda issue, m, s: issue.open_items == 0,
)
RESULT_DELIVERED = Guard(
    "result_not_delivered",
    "结果尚未反馈到每一位反映人和附议人，不能办结。请等待送达，或登记上门联系。",
    "The result has not reached the reporter and every co-signer, so the issue cannot be closed. "
    "Wait for the delivery, or log a personal visit.",
    lambda issue, m, s: issue.untold == 0,
)
REVIEW_DATE_GIVEN = Guard(
    "review_date_missing",
    "结果为“暂不可行”时须写明复议日期。请补充 review_at。",
    "An issue that is not feasible is looked at again: name the day of its re-review.",
    lambda issue, m, s: m.data.outcome != "not_feasible" or m.data.review_at is not None,
    "data.review_at",
)
FORM_KNOWN = Guard(
    "unknown_form",
    f"没有这种议事形式。可用：{'、'.join(sorted(FORMS))}。",
    f"There is no such form of deliberation. It can be: {', '.join(sorted(FORMS))}.",
    lambda issue, m, s: m.data.form in FORMS,
    "data.form",
)
SURVEY_RUNNING = Guard(
    "survey_over",
    "回访期已过，不能再回答。如问题仍在，请提出重办。",
    "The survey on this issue is over. If the matter goes on, ask for it to be reopened.",
    lambda issue, m, s: issue.survey_until is None or m.recordedtime < issue.survey_until,
)

NOT_APPEALED_BEFORE = Guard(
    "already_appealed",
    "每件事只能申诉一次。如有新情况，请重新反映。",
    "An issue is appealed once. Submit it again if there is something new.",
    lambda issue, m, s: not Handling.seen(issue.id, s).appealed,
)
BY_ANOTHER_PERSON = Guard(
    "decided_before",
    "这件事是您不予受理的，申诉须由另一人决定。请转交他人。",
    "You declined this issue; another person decides on the appeal. Hand it over.",
    lambda issue, m, s: Handling.seen(issue.id, s).declined_by != m.authid,
    "authid",
)
REOPENING_REQUESTED = Guard(
    "reopen_not_requested",
    "没有人请求重办这件事。请先由有关的人提出请求。",
    "Nobody has asked to reopen this issue. Somebody concerned asks first.",
    lambda issue, m, s: Handling.seen(issue.id, s).reopen_asked,
)

MAY_BE_EMERGENCY = Guard(
    "not_an_emergency",
    "研判结果不是突发事，不能先行处置。请先派单或进入议事。",
    "It was triaged, and not as an emergency, so nobody acts before it is deliberated. Route it or open a deliberation.",
    lambda issue, m, s: issue.urgency in (None, "emergency"),
)
DELIBERATION_NOT_ON_HOLD = Guard(
    "deliberation_on_hold",
    "这件事在议事中被挂起。请先恢复办理，再议。",
    "The issue was put on hold while it was deliberated. Resume it first.",
    lambda issue, m, s: issue.state != "on_hold" or Handling.seen(issue.id, s).held_from != "deliberating",
)

NO_MEDIATION_UNDER_WAY = Guard(
    "mediation_open",
    "调解尚未达成协议，不能反馈结果。请等调解结束。",
    "The mediation has no settlement yet, so there is no result to report. Wait until it has ended.",
    lambda issue, m, s: not Mediation.under_way(issue.id, s),
)

STATES = {
    "submitted": ("已提交", "submitted"),
    "accepted": ("已受理", "accepted"),
    "declined": ("不予受理", "declined"),
    "triaged": ("已研判", "triaged"),
    "routed": ("已派单", "routed"),
    "deliberating": ("议事中", "being deliberated"),
    "referred": ("已转办", "referred"),
    "in_mediation": ("调解中", "in mediation"),
    "in_action": ("落实中", "in action"),
    "reported": ("已反馈", "reported"),
    "closed": ("已办结", "closed"),
    "on_hold": ("已挂起", "on hold"),
    "withdrawn": ("已撤回", "withdrawn"),
}
MOVING = (
    "submitted",
    "accepted",
    "triaged",
    "routed",
    "deliberating",
    "referred",
    "in_mediation",
    "in_action",
)
"""Open states in which work goes on, that is all but `on_hold`."""
ALONGSIDE = ("in_action", "referred", "in_mediation", "on_hold", "reported")
"""States in which a topic is deliberated alongside: a decision adds a record and does not change the state."""
OPEN = (*MOVING, "on_hold")
"""States in which others can still co-sign. With the report of the result, the list of those to be told is fixed."""

LIFE = Life(
    "issue",
    "事项",
    STATES,
    {
        (None, SubmitIssue): Transition("submitted", IssueSubmitted),
        ("submitted", "automatic"): Transition("accepted", IssueAccepted),
        ("submitted", AcceptIssue): Transition("accepted", IssueAccepted, (BY_ANOTHER_PERSON,)),
        ("submitted", DeclineIssue): Transition("declined", IssueDeclined, (BY_ANOTHER_PERSON,)),
        ("declined", AppealDecline): Transition("submitted", DeclineAppealed, (NOT_APPEALED_BEFORE,)),
        ("accepted", TriageIssue): Transition("triaged", IssueTriaged, (FORM_KNOWN,)),
        **each(OPEN, CosignIssue, Transition(SAME, IssueCosigned)),
        **each(OPEN, WithdrawCosign, Transition(SAME, CosignWithdrawn)),
        **each((*OPEN, "reported"), ContactReporter, Transition(SAME, ReporterContacted)),
        ("triaged", RouteIssue): Transition("routed", IssueRouted),
        ("triaged", "routing_rule"): Transition("routed", IssueRouted),
        ("routed", ReturnIssue): Transition("triaged", IssueReturned),
        **each(OPEN, EscalateIssue, Transition(SAME, IssueEscalated)),
        **each(("triaged", "routed"), OpenDeliberation, Transition("deliberating", DeliberationOpened)),
        **each(
            ("accepted", "triaged"),
            DispatchEmergency,
            Transition("in_action", EmergencyDispatched, (MAY_BE_EMERGENCY,)),
        ),
        **each((*OPEN, "reported"), "deliberation_due", Transition(SAME, IssueEscalated)),
        **each((*MOVING, "reported"), "warning", Transition(SAME, DeadlineWarned)),
        **each((*MOVING, "reported"), "breach", Transition(SAME, DeadlineBreached)),
        **each(
            ALONGSIDE, OpenDeliberation, Transition(SAME, DeliberationOpened, (DELIBERATION_NOT_ON_HOLD,))
        ),
        **each(
            ALONGSIDE, AdoptResolution, Transition(SAME, DeliberationRecorded, (DELIBERATION_NOT_ON_HOLD,))
        ),
        **each(ALONGSIDE, RejectTopic, Transition(SAME, DeliberationRecorded, (DELIBERATION_NOT_ON_HOLD,))),
        **each(
            ALONGSIDE, DeclareNoConsensus, Transition(SAME, DeliberationRecorded, (DELIBERATION_NOT_ON_HOLD,))
        ),
        **each(ALONGSIDE, DeferTopic, Transition(SAME, TopicDeferred, (DELIBERATION_NOT_ON_HOLD,))),
        **each((*OPEN, "reported"), ProposeTopic, Transition(SAME, TopicProposed)),
        ("deliberating", AdoptResolution): Transition("in_action", DeliberationRecorded),
        ("deliberating", DeclareNoConsensus): Transition("routed", DeliberationRecorded),
        ("deliberating", DeferTopic): Transition(SAME, TopicDeferred),
        **each(("routed", "deliberating"), ReferIssue, Transition("referred", IssueReferred)),
        **each(("routed", "deliberating"), "consented", Transition("in_mediation", MediationOpened)),
        ("in_mediation", "mediation_ended"): Transition("routed", MediationEnded),
        ("deliberating", RejectTopic): Transition("reported", ResultReported),
        ("in_action", DefineActionItem): Transition(SAME, ActionItemDefined),
        **each(("in_action", "referred"), ReportResult, Transition("reported", ResultReported)),
        ("in_mediation", ReportResult): Transition("reported", ResultReported, (NO_MEDIATION_UNDER_WAY,)),
        ("reported", CloseIssue): Transition(
            "closed", IssueClosed, (DELIBERATION_RECORDED, NO_OPEN_ITEMS, RESULT_DELIVERED, REVIEW_DATE_GIVEN)
        ),
        **each(("reported", "closed"), AnswerSurvey, Transition(SAME, SurveyAnswered, (SURVEY_RUNNING,))),
        **each(("reported", "closed"), RequestReopen, Transition(SAME, ReopenRequested)),
        **each(
            ("reported", "closed"), ReopenIssue, Transition("triaged", IssueReopened, (REOPENING_REQUESTED,))
        ),
        ("closed", "re_review"): Transition(SAME, OutcomeReviewDue),
        **each(("reported", "closed"), RefuseReopen, Transition(SAME, ReopenRefused, (REOPENING_REQUESTED,))),
        **each(MOVING, SuspendIssue, Transition("on_hold", IssueSuspended)),
        ("on_hold", ResumeIssue): Transition(BACK, IssueResumed),
        ("on_hold", "review"): Transition(BACK, IssueResumed),
        **each(OPEN, "cosigned", Transition(SAME, IssueEscalated)),
        **each(OPEN, WithdrawIssue, Transition("withdrawn", IssueWithdrawn)),
        **each(OPEN, "passed_on", Transition(SAME, IssuePassedOn)),
    },
    frozenset({"withdrawn"}),
)
