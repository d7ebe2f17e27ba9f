"""Messages about visits 入户联企走亲: a round, its contact list, and each visit of it (domain.md §2.4).

三清单一档案一反馈: the contact list is in `OpenVisitRound`, the problem list and the service list in `RecordVisitLists`, the
feedback in `GiveVisitFeedback`; the household file is never in the log (contracts/issues/household.py).
"""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, Part, PersonId, PlaceId, Positive, Text, Word
from microgov.contracts.issues.vocabulary import VISITORS, Channel
from microgov.contracts.message import Command, Event

ABOUT = "visit"

ContactKind = Annotated[Literal["household", "enterprise"], Field(examples=["household"])]
LineKind = Annotated[Literal["problem", "service"], Field(examples=["problem"])]
Attempt = Annotated[Literal["no_answer", "refused"], Field(examples=["no_answer"])]
MAX_CONTACTS = 300
"""The most contacts of one round: this many fit into one message, however long their ids are. A larger place has more
rounds.
"""
MAX_LINES = 20
"""The most lines of each of the two lists."""


class Contact(Part):
    """A household, by the id with which its members are registered, or an enterprise; and where it is."""

    contact: EntityId
    kind: ContactKind
    place: PlaceId


class OpenVisitRound(Command, roles=VISITORS, creates=True):
    """联系清单: opens a round with its contact list, which is final and of which the coverage is counted."""

    title: Text
    place: PlaceId
    contacts: Annotated[list[Contact], Field(min_length=1, max_length=MAX_CONTACTS)]


class VisitRoundOpened(Event, about="visit_round"):
    """A round of visits is open; `VisitPlanned` follows for each line of its contact list."""

    title: Text
    place: PlaceId
    households: Count
    enterprises: Count


class VisitPlanned(Event):
    """One line of the contact list: the visit (`subject`) can be made from now on."""

    round: EntityId
    contact: EntityId
    kind: ContactKind
    place: PlaceId


class AttemptVisit(Command, roles=VISITORS):
    """Records that nobody answered, or that the visit was refused; it can be tried again."""

    result: Attempt


class VisitAttempted(Event):
    """A visit was tried in vain; `number` counts the attempts."""

    round: EntityId
    result: Attempt
    number: Positive


class MakeVisit(Command, roles=VISITORS):
    """Records that the visit takes place: `person` speaks for the household or the enterprise."""

    person: PersonId


class VisitMade(Event):
    """The visit took place; its lists can be recorded."""

    round: EntityId
    person: PersonId


class ProblemLine(Part):
    """问题清单: a problem, which becomes an issue of the person who was met."""

    title: Text
    text: FreeText


class ServiceLine(Part):
    """服务清单: becomes an order for the person who was met, from an offer, or a free wish 微心愿."""

    text: FreeText
    offer: EntityId | None = None
    slot: EntityId | None = None


class RecordVisitLists(Command, roles=VISITORS):
    """Records both lists of a visit, once; both may be empty."""

    problems: Annotated[list[ProblemLine], Field(max_length=MAX_LINES)]
    services: Annotated[list[ServiceLine], Field(max_length=MAX_LINES)]


class VisitLine(Part):
    """A line of the lists, by its number (problems first), and the issue or the order (`entity`) that it becomes."""

    line: Positive
    kind: LineKind
    entity: EntityId


class VisitListsRecorded(Event):
    """Both lists are recorded.

    An issue follows for each problem, `VisitServiceRequested` for each service.
    """

    round: EntityId
    person: PersonId
    lines: Annotated[list[VisitLine], Field(max_length=2 * MAX_LINES)]


class VisitServiceRequested(Event, about="order"):
    """A line of the service list: matching places the order (`subject`), or emits `OrderNotPlaced`."""

    visit: EntityId
    person: PersonId
    offer: EntityId | None = None
    slot: EntityId | None = None
    text: FreeText
    channel: Channel


class LineAnswer(Part):
    """What the visited person was told about a line."""

    line: Positive
    text: FreeText


class GiveVisitFeedback(Command, roles=VISITORS):
    """反馈: gives an answer to every line of both lists; the visit is closed if all of them have ended."""

    lines: Annotated[list[LineAnswer], Field(max_length=2 * MAX_LINES)]


class LineFate(Part):
    """The state of a line's issue or order, as in ShowIssue and ShowOrder.

    An order is `requested` until matching places it, or `not_placed` if matching could not.
    """

    line: Positive
    kind: LineKind
    entity: EntityId
    state: Word
    outcome: Word | None = None


class VisitFeedbackGiven(Event):
    """The visited person got feedback; `fates` are the states of the lines at that time."""

    round: EntityId
    person: PersonId
    fates: Annotated[list[LineFate], Field(max_length=2 * MAX_LINES)]


class VisitClosed(Event):
    """The visit is over: at the last feedback all its lines had ended."""

    round: EntityId
