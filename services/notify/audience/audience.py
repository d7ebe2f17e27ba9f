"""One table: for each event, the type of notice and the recipients (domain.md §4)."""

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
    """The kind of matter that the event is about."""
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
    """Followers of the matter: reporter, co-signers, proposers of options; beneficiary and who ordered."""
    return Follow.of(matter(m), entity, s)


def called(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """For a session in a room, followers of the matter and persons invited by name; nobody for one online."""
    return [] if m.data.invited is None else [*followers(m, entity, s), *m.data.invited]


def person(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The person named by the event."""
    return [m.data.person] if m.data.person else []


def people(m: AnyMessage, entity: str, s: Session) -> list[str]:
    """The people named by the event."""
    return list(m.data.people)


def servers(m: AnyMessage, entity: str, s: Session) -> list[str]:
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


BOUND: tuple[Audience, ...] = (followers, person, servers, organisation, partners)
"""Everybody concerned when an order ends early: followers, people who were to serve, and organisations."""


@dataclass(frozen=True)
class NoticeRule:
    """A type of notice and its recipients.

    `about` is the event's field that names the matter (None: its subject); `carries` are fields for the template. The rule
    holds from behaviour `since` on and only below behaviour `before`.
    """

    type: str
    audience: tuple[Audience, ...]
    about: str | None = None
    carries: tuple[str, ...] = ()
    critical: bool = False
    since: int = 1
    before: int | None = None


TABLE: Mapping[type[Message], NoticeRule | tuple[NoticeRule, ...]] = {
    i.IssueAccepted: NoticeRule("issue_accepted", (followers,)),
    i.IssueDeclined: NoticeRule("issue_declined", (followers,), carries=("ground", "reason")),
    i.DeliberationOpened: NoticeRule("deliberation_opened", (followers,)),
    i.TopicRefused: NoticeRule("topic_refused", (person,), "issue", ("ground", "reasons")),
    i.TopicEvaluated: NoticeRule("topic_evaluated", (followers,), "issue", ("text",)),
    i.DisagreementSettled: NoticeRule("disagreement_settled", (followers,), "issue", ("terms",)),
    i.SessionConvened: NoticeRule("session_convened", (called,), "issue", ("opens_at", "room")),
    i.SessionCalledOff: NoticeRule("session_called_off", (followers,), "issue", ("reason",)),
    i.SessionInquorate: NoticeRule("session_inquorate", (followers,), "issue", ("voting", "quorum")),
    i.MemberSeated: NoticeRule("member_seated", (person,), "council", ("role", "until")),
    i.SeatVacated: NoticeRule("seat_vacated", (person,), "council"),
    i.BallotOpened: NoticeRule("ballot_opened", (followers,), "issue", ("closes_at",)),
    i.BallotClosed: NoticeRule("ballot_closed", (followers,), "issue", ("people", "quorum_met")),
    i.ResolutionAdopted: NoticeRule("resolution_adopted", (followers,), "issue", ("items",)),
    i.ActionItemAssigned: NoticeRule(
        "action_item_assigned", (person, organisation), "issue", ("text", "due")
    ),
    i.ActionItemReleased: NoticeRule("action_item_released", (person, organisation), "issue", ("text",)),
    i.ResultReported: NoticeRule("result_reported", (followers,), carries=("text",), critical=True),
    i.IssueClosed: NoticeRule("issue_closed", (followers,), carries=("outcome", "survey_until")),
    i.EmergencyDispatched: NoticeRule("emergency_dispatched", (followers,), carries=("action",)),
    i.IssueEscalated: NoticeRule("issue_escalated", (followers,)),
    i.IssueReferred: NoticeRule("issue_referred", (followers,), carries=("reason",)),
    i.ConsensusNotReached: NoticeRule("consensus_not_reached", (followers,), "issue", ("reasons",)),
    i.TopicDeferred: NoticeRule("topic_deferred", (followers,), "issue", ("reasons",)),
    i.MediationOpened: NoticeRule("mediation_opened", (followers,)),
    i.OutcomeReviewDue: NoticeRule("outcome_review_due", (followers,)),
    i.IssueSuspended: NoticeRule("issue_suspended", (followers,), carries=("reason", "review_at")),
    i.IssueResumed: NoticeRule("issue_resumed", (followers,)),
    i.IssueReopened: NoticeRule("issue_reopened", (followers,), carries=("reason",)),
    i.ReopenRefused: NoticeRule("reopen_refused", (followers,), carries=("reason",)),
    i.VisitFeedbackGiven: NoticeRule("visit_feedback", (person,), "round"),
    c.OrganisationStageChanged: NoticeRule(
        "organisation_stage", (representatives,), carries=("stage", "reason")
    ),
    c.OfferPublished: NoticeRule("offer_published", (organisation,), since=2),
    c.OfferRejected: NoticeRule("offer_rejected", (organisation,), carries=("reason",), since=2),
    c.SlotCancelled: NoticeRule("slot_cancelled", (organisation,), carries=("slot", "orders", "reason")),
    c.OrderReleased: NoticeRule("order_released", BOUND, carries=("slot", "reason")),
    c.OrderAccepted: NoticeRule("order_accepted", (followers,)),
    c.OrderRejected: NoticeRule("order_rejected", (followers,), carries=("reason",)),
    c.OrderAssigned: (
        NoticeRule(
            "assignment_offered", (organisation, partners), carries=("answer_until",), since=EVERYBODY_TOLD
        ),
        NoticeRule(
            "order_assigned", (followers,), carries=("organisation", "answer_until"), since=EVERYBODY_TOLD
        ),
        NoticeRule(
            "order_assigned",
            (followers, organisation, partners),
            carries=("answer_until",),
            before=EVERYBODY_TOLD,
        ),
    ),
    c.AssignmentDeclined: NoticeRule("assignment_fell_through", (partners,), carries=("organisation",)),
    c.AssignmentExpired: NoticeRule("assignment_fell_through", (partners,), carries=("organisation",)),
    c.OrderWaitlisted: NoticeRule("order_waitlisted", (followers,), carries=("number",)),
    c.OrderPromoted: NoticeRule("order_promoted", (followers,)),
    c.PersonProposed: NoticeRule("person_proposed", (person,), "order", ("code", "expires_at")),
    c.OrderStaffed: NoticeRule(
        "order_staffed", (followers, organisation, partners), carries=("organisation",)
    ),
    c.ServiceCompleted: NoticeRule("service_completed", (followers,), carries=("rate_until",)),
    c.OrderCancelled: NoticeRule("order_cancelled", BOUND),
    c.OrderFailed: NoticeRule("order_failed", BOUND, carries=("reason",), since=2),
    c.OrderUnderstaffed: NoticeRule("order_understaffed", (followers, organisation), carries=("missing",)),
    c.ProposalReplaced: NoticeRule("proposal_replaced", (person,), "order"),
    c.ProposalWithdrawn: NoticeRule("proposal_withdrawn", (person,), "order", since=EVERYBODY_TOLD),
    c.CareRoleFilled: NoticeRule("care_role_filled", (person,), carries=("role",)),
    c.CareRoleVacated: NoticeRule("care_role_vacated", (person,), carries=("role",)),
    c.HouseholdJoined: NoticeRule("household_joined", (person,)),
    c.HouseholdLeft: NoticeRule("household_left", (person,)),
    c.CareTeamIncomplete: NoticeRule("care_team_incomplete", (people,), carries=("role",)),
    c.StrikeGiven: NoticeRule("strike_given", (person,), "order", ("number",)),
}

NOTICES: Mapping[type[Message], tuple[NoticeRule, ...]] = {
    event: kinds if isinstance(kinds, tuple) else (kinds,) for event, kinds in TABLE.items()
}
"""TABLE with tuples only. Rules of one event share its matter; each person is told by the first that includes them."""
