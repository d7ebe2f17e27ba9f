"""What is asked and said about offers 出单 and their slots (domain.md §3.2)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, Part, PlaceId, Positive, Text, Time, Word
from microgov.contracts.matching.provider import Qualification
from microgov.contracts.matching.vocabulary import BRANCH, EITHER, PROVIDERS
from microgov.contracts.message import Command, Event


class Slot(Part):
    """A window of time at a place, for so many orders."""

    slot: EntityId
    starts: Time
    ends: Time
    place: PlaceId
    capacity: Positive


Requires = Annotated[list[Qualification], Field(max_length=20)]
"""What who serves must have, valid on the day of the service."""


class DraftOffer(Command, roles=PROVIDERS, creates=True):
    """An offer that nobody but the organisation works at yet; again: all of it anew. `SubmitOffer` submits it."""

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class OfferDrafted(Event):
    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class SubmitOffer(Command, roles=PROVIDERS, creates=True):
    """出单: what the organisation would do, drafted before or not; without slots it is open-ended."""

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class OfferSubmitted(Event):
    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class PublishOffer(Command, roles=BRANCH):
    pass


class OfferPublished(Event):
    organisation: EntityId


class RejectOffer(Command, roles=BRANCH):
    reason: FreeText


class OfferRejected(Event):
    organisation: EntityId
    reason: FreeText


class PauseOffer(Command, roles=EITHER):
    """No new orders for now."""


class OfferPaused(Event):
    organisation: EntityId


class ResumeOffer(Command, roles=EITHER):
    pass


class OfferResumed(Event):
    organisation: EntityId


class CloseOffer(Command, roles=EITHER):
    """No new orders any more; what is assigned goes on."""


class OfferClosed(Event):
    organisation: EntityId


class WithdrawOffer(Command, roles=PROVIDERS):
    """The organisation takes it back; what is assigned goes on."""


class OfferWithdrawn(Event):
    organisation: EntityId


class AddSlots(Command, roles=EITHER):
    """More slots of an offer, such as a fair 便民服务活动."""

    slots: Annotated[list[Slot], Field(min_length=1, max_length=100)]


class SlotsAdded(Event):
    organisation: EntityId
    slots: Annotated[list[Slot], Field(min_length=1, max_length=100)]


class CancelSlot(Command, roles=EITHER):
    """The slot does not take place. Its orders are ready to be assigned again, and those concerned are told."""

    slot: EntityId
    reason: FreeText


class SlotCancelled(Event):
    organisation: EntityId
    slot: EntityId
    reason: FreeText
    orders: Count
