"""Messages about assigning an order 下单, its place in a slot, and the answer of the organisation 接单 (domain.md §3.2)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, Positive, Time
from microgov.contracts.matching.planning import SuggestedFrom
from microgov.contracts.matching.vocabulary import BRANCH, PROVIDERS
from microgov.contracts.message import Command, Event

ABOUT = "order"

Partners = Annotated[list[EntityId], Field(min_length=1, max_length=5, examples=[["org-2"]])]
"""Organisations that deliver an order together with the responsible one 联合服务."""


class Staffing(Part):
    """How many persons serve together.

    With `lead` one of them is a social worker who leads, and must accept before anybody else can accept (双工).
    """

    people: Annotated[int, Field(ge=1, le=50, examples=[2])] = 1
    lead: bool = False


class AssignOrder(Command, roles=BRANCH):
    """下单: assigns the order (`subject`) to an organisation; only the branch may do so, and gives the reason.

    If the slot is full, the order is put on its waiting list instead. `organisation` is responsible; each of the `partners`
    must accept for itself, and if one declines, the order can be assigned again. `own_organisation`: the sender also acts
    for that organisation or a partner. `followed_suggestion`: the sender follows a suggestion of the planner. With
    `suggested_from` (the versions from which it was computed) the command is refused if one of them has changed since, or
    if the slot is full.
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
    """The order takes a place of the slot, if one is named; every organisation must answer before `answer_until`."""

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
    """候补: the slot is full, so the order waits in the slot's queue, under the number `number`."""

    organisation: EntityId
    offer: EntityId
    slot: EntityId
    number: Positive


class OrderPromoted(Event):
    """A place became free for this order, the oldest in the queue; it can be assigned again."""

    offer: EntityId
    slot: EntityId


class OrderReleased(Event):
    """The slot of the order is cancelled; it can be assigned again, and those who were to serve are notified."""

    organisation: EntityId | None = None
    person: PersonId | None = None
    offer: EntityId
    slot: EntityId
    reason: FreeText
    partners: Partners | None = None


class AcceptAssignment(Command, roles=PROVIDERS):
    """接单: the organisation or a partner accepts the assignment."""


class AssignmentAccepted(Event):
    """The organisation and all partners have accepted; persons can be asked to serve."""

    organisation: EntityId


class PartnerAccepted(Event):
    """One of several organisations has accepted; those in `waiting` have not answered yet."""

    organisation: EntityId
    waiting: Annotated[list[EntityId], Field(min_length=1, max_length=6)]


class DeclineAssignment(Command, roles=PROVIDERS):
    """The organisation or a partner declines; the order can be assigned again."""

    reason: FreeText


class AssignmentDeclined(Event):
    """`organisation` has declined; `partners` were to deliver the order with it."""

    organisation: EntityId
    reason: FreeText
    partners: Partners | None = None


class AssignmentExpired(Event):
    """Not every organisation has accepted in time; the order can be assigned again."""

    organisation: EntityId
    partners: Partners | None = None
