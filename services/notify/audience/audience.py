"""Who is told what: one table, from the event to the notice type and those it concerns (domain.md §4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from microgov.contracts import issues as i
from microgov.contracts import matching as c
from microgov.contracts.message import Message
from microgov.contracts.rules import EVERYBODY_TOLD
from microgov.services.chassis.model import AnyMessage
from microgov.services.notify.audience.followers import SERVING, Follow, Organisation

OF_TEAMS = (c.CareRoleFilled, c.CareRoleVacated, c.HouseholdJoined, c.HouseholdLeft, c.CareTeamIncomplete)
OF_OFFERS = (c.OfferPublished, c.OfferRejected, c.SlotCancelled)
OF_COUNCILS = (i.MemberSeated, i.SeatVacated)
Audience = Callable[[AnyMessage, str, Session], list[str]]


def matter(m: AnyMessage) -> str:
    """What kind of matter the event is about."""
    if isinstance(m.data, i.VisitFeedbackGiven):
        return "round"
    if isinstance(m.data, OF_OFFERS):
        return "offer"
    if isinstance(m.data, OF_TEAMS):
        return "care_team"
    if isinstance(m.data, OF_COUNCILS):
        return "council"
    if isinstance(m.data, c.OrganisationStageChanged):
        return "organisation"
    return "issue" if m.data.OWNER == "issues" else "order"


def followers(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Who reported, co-signed, proposed; who an order is for, and who placed it."""
    return Follow.of(matter(m), entity, s)


def called(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Those whom a session in a room concerns: who follows the matter, and who is called by name."""
    return [] if m.data.invited is None else [*followers(m, entity, s), *m.data.invited]


def person(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The person whom the event names."""
    return [m.data.person] if m.data.person else []


def people(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Those whom the event names."""
    return list(m.data.people)


def servers(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Those who have said yes to serve the order."""
    return Follow.of(SERVING, entity, s)


def organisation(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Those who act for the organisation that the event names."""
    row = s.get(Organisation, m.data.organisation) if m.data.organisation else None
    return list(row.representatives) if row is not None else []


def partners(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Those who act for the organisations that deliver it together with the one that the event names."""
    rows = [s.get(Organisation, one) for one in m.data.partners or []]
    return [person for row in rows if row is not None for person in row.representatives]


def representatives(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """Those who act for the organisation that the event is about."""
    row = s.get(Organisation, entity)
    return list(row.representatives) if row is not None else []


BOUND: tuple[Audience, ...] = (followers, person, servers, organisation, partners)
"""All whom an order concerns that is off: whose it is, who was to serve it, and the organisations."""


@dataclass(frozen=True)
class Kind:
    """`about` is the field that names the matter (None: the event's subject); `carries` goes into the words.

    `since`: from this `behaviour` of the house on (in logs from before, nobody was told); `before`: only until this one.
    """

    type: str
    audience: tuple[Audience, ...]
    about: str | None = None
    carries: tuple[str, ...] = ()
    critical: bool = False
    since: int = 1
    before: int | None = None


TABLE: Mapping[type[Message], Kind | tuple[Kind, ...]] = {
    i.IssueAccepted: Kind("issue_accepted", (followers,)),
    i.IssueDeclined: Kind("issue_declined", (followers,), carries=("ground", "reason")),
    i.DeliberationOpened: Kind("deliberation_opened", (followers,)),
    i.TopicRefused: Kind("topic_refused", (person,), "issue", ("ground", "reasons")),
    i.TopicEvaluated: Kind("topic_evaluated", (followers,), "issue", ("text",)),
    i.DisagreementSettled: Kind("disagreement_settled", (followers,), "issue", ("terms",)),
    i.SessionConvened: Kind("session_convened", (called,), "issue", ("opens_at", "room")),
    i.SessionCalledOff: Kind("session_called_off", (followers,), "issue", ("reason",)),
    i.SessionInquorate: Kind("session_inquorate", (followers,), "issue", ("voting", "quorum")),
    i.MemberSeated: Kind("member_seated", (person,), "council", ("role", "until")),
    i.SeatVacated: Kind("seat_vacated", (person,), "council"),
    i.BallotOpened: Kind("ballot_opened", (followers,), "issue", ("closes_at",)),
    i.BallotClosed: Kind("ballot_closed", (followers,), "issue", ("people", "quorum_met")),
    i.ResolutionAdopted: Kind("resolution_adopted", (followers,), "issue", ("items",)),
    i.ActionItemAssigned: Kind("action_item_assigned", (person, organisation), "issue", ("text", "due")),
    i.ActionItemReleased: Kind("action_item_released", (person, organisation), "issue", ("text",)),
    i.ResultReported: Kind("result_reported", (followers,), carries=("text",), critical=True),
    i.IssueClosed: Kind("issue_closed", (followers,), carries=("outcome", "survey_until")),
    i.EmergencyDispatched: Kind("emergency_dispatched", (followers,), carries=("action",)),
    i.IssueEscalated: Kind("issue_escalated", (followers,)),
    i.IssueReferred: Kind("issue_referred", (followers,), carries=("reason",)),
    i.ConsensusNotReached: Kind("consensus_not_reached", (followers,), "issue", ("reasons",)),
    i.TopicDeferred: Kind("topic_deferred", (followers,), "issue", ("reasons",)),
    i.MediationOpened: Kind("mediation_opened", (followers,)),
    i.OutcomeReviewDue: Kind("outcome_review_due", (followers,)),
    i.IssueSuspended: Kind("issue_suspended", (followers,), carries=("reason", "review_at")),
    i.IssueResumed: Kind("issue_resumed", (followers,)),
    i.IssueReopened: Kind("issue_reopened", (followers,), carries=("reason",)),
    i.ReopenRefused: Kind("reopen_refused", (followers,), carries=("reason",)),
    i.VisitFeedbackGiven: Kind("visit_feedback", (person,), "round"),
    c.OrganisationStageChanged: Kind("organisation_stage", (representatives,), carries=("stage", "reason")),
    c.OfferPublished: Kind("offer_published", (organisation,), since=2),
    c.OfferRejected: Kind("offer_rejected", (organisation,), carries=("reason",), since=2),
    c.SlotCancelled: Kind("slot_cancelled", (organisation,), carries=("slot", "orders", "reason")),
    c.OrderReleased: Kind("order_released", BOUND, carries=("slot", "reason")),
    c.OrderAccepted: Kind("order_accepted", (followers,)),
    c.OrderRejected: Kind("order_rejected", (followers,), carries=("reason",)),
    c.OrderAssigned: (
        Kind("assignment_offered", (organisation, partners), carries=("answer_until",), since=EVERYBODY_TOLD),
        Kind("order_assigned", (followers,), carries=("organisation", "answer_until"), since=EVERYBODY_TOLD),
        Kind("order_assigned", (followers, organisation, partners), carries=("answer_until",), before=EVERYBODY_TOLD),
    ),
    c.AssignmentDeclined: Kind("assignment_fell_through", (partners,), carries=("organisation",)),
    c.AssignmentExpired: Kind("assignment_fell_through", (partners,), carries=("organisation",)),
    c.OrderWaitlisted: Kind("order_waitlisted", (followers,), carries=("number",)),
    c.OrderPromoted: Kind("order_promoted", (followers,)),
    c.PersonProposed: Kind("person_proposed", (person,), "order", ("code", "expires_at")),
    c.OrderStaffed: Kind("order_staffed", (followers, organisation, partners), carries=("organisation",)),
    c.ServiceCompleted: Kind("service_completed", (followers,), carries=("rate_until",)),
    c.OrderCancelled: Kind("order_cancelled", BOUND),
    c.OrderFailed: Kind("order_failed", BOUND, carries=("reason",), since=2),
    c.OrderUnderstaffed: Kind("order_understaffed", (followers, organisation), carries=("missing",)),
    c.ProposalReplaced: Kind("proposal_replaced", (person,), "order"),
    c.ProposalWithdrawn: Kind("proposal_withdrawn", (person,), "order", since=EVERYBODY_TOLD),
    c.CareRoleFilled: Kind("care_role_filled", (person,), carries=("role",)),
    c.CareRoleVacated: Kind("care_role_vacated", (person,), carries=("role",)),
    c.HouseholdJoined: Kind("household_joined", (person,)),
    c.HouseholdLeft: Kind("household_left", (person,)),
    c.CareTeamIncomplete: Kind("care_team_incomplete", (people,), carries=("role",)),
    c.StrikeGiven: Kind("strike_given", (person,), "order", ("number",)),
}

NOTICES: Mapping[type[Message], tuple[Kind, ...]] = {
    event: kinds if isinstance(kinds, tuple) else (kinds,) for event, kinds in TABLE.items()
}
"""The same; the kinds of one event are about the same matter, and each person is told by the first that concerns them."""
