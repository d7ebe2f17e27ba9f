"""Who waits for a place in a slot: the question and its answer."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import READERS, Count, EntityId, LogSeq, Part, PersonId, Time
from microgov.contracts.matching.listing import Most
from microgov.contracts.message import Question


class WaitingKey(Part):
    """Where a page of the waiting list ends."""

    slot: EntityId
    number: Count


class ListWaiting(Question, roles=READERS):
    """The waiting list 候补 of an offer, or of one slot of it, the oldest of each slot first."""

    offer: EntityId
    slot: EntityId | None = None
    after_key: WaitingKey | None = None
    most: Most = 50
    after: LogSeq = 0


class WaitingListed(Part):
    """`promoted`: a place became free for it, and it can be assigned."""

    slot: EntityId
    number: Count
    order: EntityId
    beneficiary: PersonId
    promoted: bool
    starts: Time


class WaitingShown(Part):
    """The answer to ListWaiting; `next` where there are more."""

    waiting: Annotated[list[WaitingListed], Field(max_length=200)]
    next: WaitingKey | None = None
