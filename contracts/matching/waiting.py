"""The question for the waiting list of an offer, and its answer (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import READERS, Count, EntityId, LogSeq, Part, PersonId, Time
from microgov.contracts.matching.listing import PageSize
from microgov.contracts.message import Question


class WaitingKey(Part):
    """The position of a line of the waiting list: its slot and its number there."""

    slot: EntityId
    number: Count


class ListWaiting(Question, roles=READERS):
    """Asks for the waiting list 候补 of an offer or of one of its slots, by slot, the oldest order first."""

    offer: EntityId
    slot: EntityId | None = None
    after_key: WaitingKey | None = None
    most: PageSize = 50
    after: LogSeq = 0


class WaitingListed(Part):
    """A waiting order; `promoted`: a place became free for it, and it can be assigned."""

    slot: EntityId
    number: Count
    order: EntityId
    beneficiary: PersonId
    promoted: bool
    starts: Time


class WaitingShown(Part):
    """The answer to ListWaiting; `next` is given if there are more."""

    waiting: Annotated[list[WaitingListed], Field(max_length=200)]
    next: WaitingKey | None = None
