"""The question about one order, and the answer (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    FreeText,
    LogSeq,
    Part,
    PersonId,
    PlaceId,
    Text,
    Time,
    Word,
)
from microgov.contracts.matching.vocabulary import Code, Stars
from microgov.contracts.message import Question


class ShowOrder(Question, roles=READERS):
    """Asks for one order with its slot and its proposals.

    `after` is a sequence of the log: the answer waits, at most two seconds, until the service has folded the log up to it.
    """

    order: EntityId
    after: LogSeq = 0


class SlotShown(Part):
    """A slot: `capacity` places, of which `taken` are taken, and the number of `waiting` orders."""

    slot: EntityId
    starts: Time
    ends: Time
    place: PlaceId
    capacity: Count
    taken: Count
    waiting: Count


class ProposalShown(Part):
    """A proposal to a person about the order."""

    proposal: EntityId
    person: PersonId
    state: Word
    code: Code


class OrderShown(Part):
    """The answer to ShowOrder.

    `title` is that of the offer, `name` that of the organisation. `slot` is the slot that the order has or, without an
    assignment, asks for. `number` is its number on the waiting list, as long as it waits. `person` is one of those who
    serve. `closing` says how the order ended.
    """

    order: EntityId
    state: Word
    beneficiary: PersonId
    placed_by: PersonId
    place: PlaceId
    text: FreeText
    offer: EntityId | None = None
    title: Text | None = None
    slot: SlotShown | None = None
    organisation: EntityId | None = None
    name: Text | None = None
    person: PersonId | None = None
    number: Count | None = None
    closing: Word | None = None
    stars: Stars | None = None
    proposals: Annotated[list[ProposalShown], Field(max_length=1000)]
