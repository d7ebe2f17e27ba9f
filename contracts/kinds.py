"""What the subject of an event names: an issue, a ballot, an order. One name may stand for things of several kinds, so who
follows the issue `lamp` is told nothing of the ballot `lamp`.
"""

from functools import cache

from microgov.contracts.message import Message
from microgov.contracts.registry import every_message

_BY_MODULE = {
    "issues.action": "action_item",
    "issues.ballot": "ballot",
    "issues.clock": "issue",
    "issues.council": "council",
    "issues.course": "issue",
    "issues.disagreement": "disagreement",
    "issues.external": "issue",
    "issues.household": "household_file",
    "issues.issue": "issue",
    "issues.mediation": "mediation",
    "issues.roundtable": "round_table",
    "issues.screening": "topic",
    "issues.session": "session",
    "issues.topic": "topic",
    "issues.visit": "visit",
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
"""Where it is not what the others of its module name."""


@cache
def kinds() -> dict[str, str]:
    """The kind of thing by the type of the event, for every event there is."""
    return {message.TYPE: kind_of(message) for message in every_message() if message.KIND == "event"}


def kind_of(event: type[Message]) -> str:
    """Raises KeyError for a module that is not in the table: a new module says what its events are about."""
    return _BY_NAME.get(event.__name__) or _BY_MODULE[event.__module__.removeprefix("microgov.contracts.")]
