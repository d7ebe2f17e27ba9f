"""What can be asked about an order, and the answer (never stored)."""

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
    """One order with everything that became of it; `after` waits until that much of the log is folded."""

    order: EntityId
    after: LogSeq = 0


class SlotShown(Part):
    slot: EntityId
    starts: Time
    ends: Time
    place: PlaceId
    capacity: Count
    taken: Count
    waiting: Count


class ProposalShown(Part):
    proposal: EntityId
    person: PersonId
    state: Word
    code: Code


class OrderShown(Part):
    """The answer to ShowOrder; `number` is its place on the waiting list, `slot` the one it asked for or has."""

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
