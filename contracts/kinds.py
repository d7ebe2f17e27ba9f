"""The kind of thing that an event's field `subject` names: an issue, a ballot, an order.

Things of different kinds may have the same id. The gateway's courier copies events to the publisher whose command began
the thing. The kind makes sure that a publisher that began the issue `lamp` gets no copies about a ballot `lamp`.
"""

from functools import cache

from microgov.contracts.message import Message
from microgov.contracts.registry import every_message

_BY_MODULE = {
    "issues.action": "action_item",
    "issues.ballot": "ballot",
    "issues.clock": "issue",
    "issues.council": "council",
    "issues.handling": "issue",
    "issues.disagreement": "disagreement",
    "issues.intake": "issue",
    "issues.household": "household_file",
    "issues.issue": "issue",
    "issues.mediation": "mediation",
    "issues.roundtable": "round_table",
    "issues.screening": "topic",
    "issues.session": "session",
    "issues.topic": "topic",
    "issues.visit": "visit",
    "issues.vote": "ballot",
    "matching.assignment": "order",
    "matching.offer": "offer",
    "matching.order": "order",
    "matching.proposal": "proposal",
    "matching.provider": "provider",
    "matching.rating": "order",
    "matching.registry": "organisation",
    "matching.task": "proposal",
    "matching.team": "care_team",
    # DeliverySucceeded, DeliveryFailed and DeliveryUnknown have the id of a delivery. No publisher begins a notice or a
    # delivery, so it does not matter that both count as notices.
    "notify": "notice",
    # These events name a thing of any kind, that of the message or deadline at hand. The kind `message` keeps them out of
    # the copies for those who began that thing.
    "log": "message",
}
"""For each module of contracts/ (`directory` excepted) the kind of thing that its events are about. Events of `directory`
are each in `_BY_NAME`.
"""
_BY_NAME = {
    "PersonRegistered": "person",
    "RoleGranted": "person",
    "RoleRevoked": "person",
    "ContactRegistered": "contact",
    "PlaceDefined": "place",
    "PublisherGranted": "publisher",
    "PublisherWithdrawn": "publisher",
    "RulesChanged": "rules",
    "MemberSeated": "seat",
    "SeatVacated": "seat",
    "DeliberationOpened": "issue",
    "DeliberationRecorded": "issue",
    "MediationOpened": "issue",
    "MediationEnded": "issue",
    "SessionConvened": "topic",
    "VisitRoundOpened": "visit_round",
    "VisitServiceRequested": "order",  # it has the id of the order that matching places for it
    "OrderUnderstaffed": "order",
    "PersonCheckedIn": "order",
    "PersonCheckedOut": "order",
}
"""Events that are about another kind of thing than the other events of their module, and all events of `directory`."""


@cache
def kinds() -> dict[str, str]:
    """The kind of thing for every event, by the event's type."""
    return {message.TYPE: kind_of(message) for message in every_message() if message.KIND == "event"}


def kind_of(event: type[Message]) -> str:
    """The kind of thing that this event's field `subject` names.

    Raises KeyError for an event that neither `_BY_NAME` nor, by its module, `_BY_MODULE` holds.
    """
    return _BY_NAME.get(event.__name__) or _BY_MODULE[event.__module__.removeprefix("microgov.contracts.")]
