"""The kind of thing that the subject of an event names: an issue, a ballot, an order.

Things of different kinds may have the same id. The kind makes sure that a person who follows the issue `lamp` is not
notified about a ballot `lamp`.
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
    "notify": "notice",
    "log": "message",
}
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
    "VisitServiceRequested": "order",
    "OrderUnderstaffed": "order",
    "PersonCheckedIn": "order",
    "PersonCheckedOut": "order",
}
"""Events whose subject is of another kind than that of the other events of their module."""


@cache
def kinds() -> dict[str, str]:
    """The kind of thing for every event, by the event's type."""
    return {message.TYPE: kind_of(message) for message in every_message() if message.KIND == "event"}


def kind_of(event: type[Message]) -> str:
    """The kind of thing that the subject of this event names.

    Raises KeyError for an event of a module that is not in the table above.
    """
    return _BY_NAME.get(event.__name__) or _BY_MODULE[event.__module__.removeprefix("microgov.contracts.")]
