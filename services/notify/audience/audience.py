"""The table of notices: for each event, the type of notice and the recipients (domain.md §4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from microgov.contracts import issues, matching
from microgov.contracts.message import Message
from microgov.contracts.rules.behaviour import BEHAVIOUR_TELL_ALL
from microgov.services.chassis.model import AnyMessage
from microgov.services.notify.audience.followers import SERVING, Follow, Organisation

CARE_TEAM_EVENTS = (
    matching.CareRoleFilled,
    matching.CareRoleVacated,
    matching.HouseholdJoined,
    matching.HouseholdLeft,
    matching.CareTeamIncomplete,
)
OFFER_EVENTS = (matching.OfferPublished, matching.OfferRejected, matching.SlotCancelled)
COUNCIL_EVENTS = (issues.MemberSeated, issues.SeatVacated)
Audience = Callable[[AnyMessage, str, Session], list[str]]


def kind_of_matter(m: AnyMessage) -> str:
    """The kind of matter that the event is about, as in `FollowedSubject.kind`."""
    if isinstance(m.data, issues.VisitFeedbackGiven):
        return "round"
    if isinstance(m.data, OFFER_EVENTS):
        return "offer"
    if isinstance(m.data, CARE_TEAM_EVENTS):
        return "care_team"
    if isinstance(m.data, COUNCIL_EVENTS):
        return "council"
    if isinstance(m.data, matching.OrganisationStageChanged):
        return "organisation"
    return "issue" if m.data.OWNER == "issues" else "order"


def followers(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The followers of the matter. Of an issue: reporter, co-signers and proposers of options; of an order: the beneficiary
    and the person who placed it.
    """
    return Follow.of(kind_of_matter(m), entity, s)


def called_to_session(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """For a session in a room: the followers of the matter and the persons invited by name. For an online session:
    nobody.
    """
    return [] if m.data.invited is None else [*followers(m, entity, s), *m.data.invited]


def person(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The person named by the event."""
    return [m.data.person] if m.data.person else []


def other_people(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The people named by the event who do not follow the matter: its followers are told by another event."""
    told = set(followers(m, entity, s))
    return [one for one in m.data.people if one not in told]


def people(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The people named by the event."""
    return list(m.data.people)


def serving_people(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """People who have accepted to serve the order."""
    return Follow.of(SERVING, entity, s)


def organisation(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Representatives of the organisation named by the event."""
    row = s.get(Organisation, m.data.organisation) if m.data.organisation else None
    return list(row.representatives) if row is not None else []


def partners(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Representatives of the other organisations that deliver the order."""
    rows = [s.get(Organisation, one) for one in m.data.partners or []]
    return [person for row in rows if row is not None for person in row.representatives]


def representatives(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Representatives of the organisation that the event is about."""
    row = s.get(Organisation, entity)
    return list(row.representatives) if row is not None else []


ALL_CONCERNED: tuple[Audience, ...] = (followers, person, serving_people, organisation, partners)
"""Everybody concerned when an order ends early: followers, people who were to serve, and organisations."""


@dataclass(frozen=True)
class NoticeRule:
    """A type of notice and its recipients.

    `about` is the event's field with the id of the matter (None: the event's subject). `carries` are the event's fields that
    the template needs. The rule applies from behaviour `since` on, and only below behaviour `before`.
    """

    type: str
    audience: tuple[Audience, ...]
    about: str | None = None
    carries: tuple[str, ...] = ()
    critical: bool = False
    since: int = 1
    before: int | None = None


TABLE: Mapping[type[Message], NoticeRule | tuple[NoticeRule, ...]] = {
    issues.IssueAccepted: NoticeRule("issue_accepted", (followers,)),
    issues.IssueDeclined: NoticeRule("issue_declined", (followers,), carries=("ground", "reason")),
    issues.DeliberationOpened: NoticeRule("deliberation_opened", (followers,)),
    issues.TopicRefused: NoticeRule("topic_refused", (person,), "issue", ("ground", "reasons")),
    issues.TopicEvaluated: NoticeRule("topic_evaluated", (followers,), "issue", ("text",)),
    issues.DisagreementSettled: NoticeRule("disagreement_settled", (followers,), "issue", ("terms",)),
    issues.SessionConvened: NoticeRule(
        "session_convened", (called_to_session,), "issue", ("opens_at", "room")
    ),
    issues.SessionCalledOff: NoticeRule("session_called_off", (followers,), "issue", ("reason",)),
    issues.SessionInquorate: NoticeRule("session_inquorate", (followers,), "issue", ("voting", "quorum")),
    issues.MemberSeated: NoticeRule("member_seated", (person,), "council", ("role", "until")),
    issues.SeatVacated: NoticeRule("seat_vacated", (person,), "council"),
    issues.BallotOpened: NoticeRule("ballot_opened", (followers,), "issue", ("closes_at",)),
    issues.BallotClosed: NoticeRule("ballot_closed", (followers,), "issue", ("people", "quorum_met")),
    issues.BallotToBeRepeated: NoticeRule("ballot_to_be_repeated", (followers,), "issue"),
    issues.VotesLost: NoticeRule("ballot_to_be_repeated", (other_people,), "issue"),
    issues.ResolutionAdopted: NoticeRule("resolution_adopted", (followers,), "issue", ("items",)),
    issues.ActionItemAssigned: NoticeRule(
        "action_item_assigned", (person, organisation), "issue", ("text", "due")
    ),
    issues.ActionItemReleased: NoticeRule("action_item_released", (person, organisation), "issue", ("text",)),
    issues.ResultReported: NoticeRule("result_reported", (followers,), carries=("text",), critical=True),
    issues.IssueClosed: NoticeRule("issue_closed", (followers,), carries=("outcome", "survey_until")),
    issues.EmergencyDispatched: NoticeRule("emergency_dispatched", (followers,), carries=("action",)),
    issues.IssueEscalated: NoticeRule("issue_escalated", (followers,)),
    issues.IssueReferred: NoticeRule("issue_referred", (followers,), carries=("reason",)),
    issues.ConsensusNotReached: NoticeRule("consensus_not_reached", (followers,), "issue", ("reasons",)),
    issues.TopicDeferred: NoticeRule("topic_deferred", (followers,), "issue", ("reasons",)),
    issues.MediationOpened: NoticeRule("mediation_opened", (followers,)),
    issues.OutcomeReviewDue: NoticeRule("outcome_review_due", (followers,)),
    issues.IssueSuspended: NoticeRule("issue_suspended", (followers,), carries=("reason", "review_at")),
    issues.IssueResumed: NoticeRule("issue_resumed", (followers,)),
    issues.IssueReopened: NoticeRule("issue_reopened", (followers,), carries=("reason",)),
    issues.ReopenRefused: NoticeRule("reopen_refused", (followers,), carries=("reason",)),
    issues.VisitFeedbackGiven: NoticeRule("visit_feedback", (person,), "round"),
    matching.OrganisationStageChanged: NoticeRule(
        "organisation_stage", (representatives,), carries=("stage", "reason")
    ),
    matching.OfferPublished: NoticeRule("offer_published", (organisation,), since=2),
    matching.OfferRejected: NoticeRule("offer_rejected", (organisation,), carries=("reason",), since=2),
    matching.SlotCancelled: NoticeRule(
        "slot_cancelled", (organisation,), carries=("slot", "orders", "reason")
    ),
    matching.OrderReleased: NoticeRule("order_released", ALL_CONCERNED, carries=("slot", "reason")),
    matching.OrderAccepted: NoticeRule("order_accepted", (followers,)),
    matching.OrderRejected: NoticeRule("order_rejected", (followers,), carries=("reason",)),
    matching.OrderAssigned: (
        NoticeRule(
            "assignment_offered",
            (organisation, partners),
            carries=("answer_until",),
            since=BEHAVIOUR_TELL_ALL,
        ),
        NoticeRule(
            "order_assigned", (followers,), carries=("organisation", "answer_until"), since=BEHAVIOUR_TELL_ALL
        ),
        NoticeRule(
            "order_assigned",
            (followers, organisation, partners),
            carries=("answer_until",),
            before=BEHAVIOUR_TELL_ALL,
        ),
    ),
    matching.AssignmentDeclined: NoticeRule(
        "assignment_fell_through", (partners,), carries=("organisation",)
    ),
    matching.AssignmentExpired: NoticeRule("assignment_fell_through", (partners,), carries=("organisation",)),
    matching.OrderWaitlisted: NoticeRule("order_waitlisted", (followers,), carries=("number",)),
    matching.OrderPromoted: NoticeRule("order_promoted", (followers,)),
    matching.PersonProposed: NoticeRule("person_proposed", (person,), "order", ("code", "expires_at")),
    matching.OrderStaffed: NoticeRule(
        "order_staffed", (followers, organisation, partners), carries=("organisation",)
    ),
    matching.ServiceCompleted: NoticeRule("service_completed", (followers,), carries=("rate_until",)),
    matching.OrderCancelled: NoticeRule("order_cancelled", ALL_CONCERNED),
    matching.OrderFailed: NoticeRule("order_failed", ALL_CONCERNED, carries=("reason",), since=2),
    matching.OrderUnderstaffed: NoticeRule(
        "order_understaffed", (followers, organisation), carries=("missing",)
    ),
    matching.ProposalReplaced: NoticeRule("proposal_replaced", (person,), "order"),
    matching.ProposalWithdrawn: NoticeRule(
        "proposal_withdrawn", (person,), "order", since=BEHAVIOUR_TELL_ALL
    ),
    matching.CareRoleFilled: NoticeRule("care_role_filled", (person,), carries=("role",)),
    matching.CareRoleVacated: NoticeRule("care_role_vacated", (person,), carries=("role",)),
    matching.HouseholdJoined: NoticeRule("household_joined", (person,)),
    matching.HouseholdLeft: NoticeRule("household_left", (person,)),
    matching.CareTeamIncomplete: NoticeRule("care_team_incomplete", (people,), carries=("role",)),
    matching.StrikeGiven: NoticeRule("strike_given", (person,), "order", ("number",)),
}

NOTICES: Mapping[type[Message], tuple[NoticeRule, ...]] = {
    event: kinds if isinstance(kinds, tuple) else (kinds,) for event, kinds in TABLE.items()
}
"""TABLE with a tuple for each event. All rules of an event have the same matter. A person is notified by the first rule that
includes them.
"""
