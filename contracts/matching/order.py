"""What is asked and said about an order 点单, from placing to rating (domain.md §3.2)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.bounds import AtTheDoor
from microgov.contracts.fields import (
    EVERYBODY,
    EntityId,
    FreeText,
    Part,
    PersonId,
    PlaceId,
    Positive,
    Time,
    Word,
    Words,
)
from microgov.contracts.issues.vocabulary import Urgency
from microgov.contracts.matching.planning import SuggestedFrom
from microgov.contracts.matching.vocabulary import (
    BRANCH,
    EITHER,
    HELPERS,
    MOST_MINUTES,
    PEOPLE,
    PROVIDERS,
    Channel,
    Wish,
)
from microgov.contracts.message import Command, Event


class PlaceOrder(Command, roles=EVERYBODY, creates=True):
    """点单, or for another 代点单 (onbehalfof): from an offer, or a free wish 微心愿."""

    offer: EntityId | None = None
    slot: EntityId | None = None
    text: FreeText
    channel: Channel


class OrderPlaced(Event):
    """`place` is where the beneficiary lives; `wish` is what is asked for, where there is no offer that says it."""

    beneficiary: PersonId
    placed_by: PersonId
    offer: EntityId | None = None
    slot: EntityId | None = None
    place: PlaceId
    channel: Channel
    wish: Wish = None


class OrderNotPlaced(Event):
    """A line of a visit's service list could not become the order (the subject): `code` and `message` say why."""

    code: Word
    message: Words


class Staffing(Part):
    """So many serve together; with a `lead` one of them is a social worker who has said yes before any volunteer (双工)."""

    people: Annotated[int, Field(ge=1, le=50, examples=[2])] = 1
    lead: bool = False


class ScreenOrder(Command, roles=BRANCH):
    """Whether it is for the community to do, how urgent it is, and how many it takes; `AssignOrder` may say otherwise."""

    accepted: bool
    reason: FreeText
    urgency: Annotated[Urgency | None, Field(examples=["urgent"])] = None
    staffing: Annotated[Staffing | None, Field(examples=[{"people": 2, "lead": True}])] = None


class OrderAccepted(Event):
    reason: FreeText
    urgency: Annotated[Urgency | None, Field(examples=["urgent"])] = None
    staffing: Annotated[Staffing | None, Field(examples=[{"people": 2, "lead": True}])] = None


class OrderRejected(Event):
    reason: FreeText


Partners = Annotated[list[EntityId], Field(min_length=1, max_length=5, examples=[["org-2"]])]
"""Organisations that deliver an order beside the responsible one 联合服务."""


class AssignOrder(Command, roles=BRANCH):
    """下单: only the branch assigns, and says why; `own_organisation` flags that the assigner acts for the assignee.

    With `suggested_from` it is refused where the suggestion is stale. `organisation` is responsible; with `partners`, each
    of them says yes for itself, and one that does not brings the order back.
    """

    organisation: EntityId
    offer: EntityId | None = None
    slot: EntityId | None = None
    reason: FreeText
    followed_suggestion: bool
    suggested_from: SuggestedFrom | None = None
    own_organisation: bool = False
    staffing: Annotated[Staffing | None, Field(examples=[{"people": 2, "lead": True}])] = None
    partners: Partners | None = None


class OrderAssigned(Event):
    """Takes a place of the slot, and nothing else does; the organisation answers until `answer_until`."""

    organisation: EntityId
    offer: EntityId | None = None
    slot: EntityId | None = None
    reason: FreeText
    followed_suggestion: bool
    own_organisation: bool
    answer_until: Time
    staffing: Annotated[Staffing | None, Field(examples=[{"people": 2, "lead": True}])] = None
    partners: Partners | None = None


class OrderWaitlisted(Event):
    """候补: the slot is full; `number` is the order's in its queue."""

    organisation: EntityId
    offer: EntityId
    slot: EntityId
    number: Positive


class OrderPromoted(Event):
    """A place became free, and this was the oldest order that waited; it can be assigned again."""

    offer: EntityId
    slot: EntityId


class OrderReleased(Event):
    """Its slot is cancelled: it is ready to be assigned to another; whoever was to serve is told."""

    organisation: EntityId | None = None
    person: PersonId | None = None
    offer: EntityId
    slot: EntityId
    reason: FreeText
    partners: Partners | None = None


class AcceptAssignment(Command, roles=PROVIDERS):
    """接单"""


class AssignmentAccepted(Event):
    organisation: EntityId


class PartnerAccepted(Event):
    """One of those who deliver it together has said yes; `waiting` have not answered yet."""

    organisation: EntityId
    waiting: Annotated[list[EntityId], Field(min_length=1, max_length=6)]


class DeclineAssignment(Command, roles=PROVIDERS):
    reason: FreeText


class AssignmentDeclined(Event):
    """`partners` were to deliver it together with who has declined."""

    organisation: EntityId
    reason: FreeText
    partners: Partners | None = None


class AssignmentExpired(Event):
    organisation: EntityId
    partners: Partners | None = None


class OrderStaffed(Event):
    """`people`: all who serve, where there are several; `person` is the one who completes them."""

    organisation: EntityId
    person: PersonId
    people: Annotated[list[PersonId] | None, Field(max_length=50, examples=[["p-lin", "p-he"]])] = None
    partners: Partners | None = None


class CheckIn(Command, roles=HELPERS):
    """The person who serves is there; the subject is the order."""

    channel: Channel


class ServiceStarted(Event):
    organisation: EntityId
    person: PersonId


class ReportDone(Command, roles=PROVIDERS):
    minutes: Annotated[Positive, AtTheDoor(le=MOST_MINUTES)]
    note: FreeText


class ServiceCompleted(Event):
    organisation: EntityId
    person: PersonId
    minutes: Positive
    rate_until: Time


class OrderClosed(Event):
    """Nobody rated it in time."""

    organisation: EntityId


class CancelOrder(Command, roles=PEOPLE):
    """By the beneficiary, who ordered for them, or the branch of the place."""

    reason: FreeText
    channel: Channel


class OrderCancelled(Event):
    """Everything is released; whoever was to serve is told."""

    organisation: EntityId | None = None
    person: PersonId | None = None
    reason: FreeText
    partners: Partners | None = None


class FailOrder(Command, roles=EITHER):
    """It could not be delivered."""

    reason: FreeText


class OrderFailed(Event):
    organisation: EntityId
    person: PersonId | None = None
    reason: FreeText
    partners: Partners | None = None
