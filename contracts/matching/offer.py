"""Messages about offers 出单 and their slots (domain.md §3.2)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, Part, PlaceId, Positive, Text, Time, Word
from microgov.contracts.matching.provider import Qualification
from microgov.contracts.matching.vocabulary import BRANCH, BRANCH_AND_PROVIDERS, PROVIDERS
from microgov.contracts.message import Command, Event

ABOUT = "offer"


class Slot(Part):
    """A span of time at a place; `capacity` is how many orders it can take."""

    slot: EntityId
    starts: Time
    ends: Time
    place: PlaceId
    capacity: Positive


Requires = Annotated[list[Qualification], Field(max_length=20)]
"""The qualifications that a person who serves must have, valid on the day of the service."""


class DraftOffer(Command, roles=PROVIDERS, creates=True):
    """Drafts an offer, which is not submitted to the branch yet; sent again, it replaces the draft.

    Whoever may ask for offers (ShowOffer, ListOffers) sees drafts, too.
    """

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class OfferDrafted(Event):
    """An offer is being drafted."""

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class SubmitOffer(Command, roles=PROVIDERS, creates=True):
    """出单: submits an offer of the organisation to the branch, in place of its draft if there is one.

    Without slots the offer is open-ended.
    """

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class OfferSubmitted(Event):
    """An offer waits for the branch to publish or reject it."""

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]
    requires: Requires | None = None


class PublishOffer(Command, roles=BRANCH):
    """Publishes the offer (`subject`); from then on it takes orders."""


class OfferPublished(Event):
    """The offer takes orders."""

    organisation: EntityId


class RejectOffer(Command, roles=BRANCH):
    """Rejects the offer (`subject`); a new one can be submitted."""

    reason: FreeText


class OfferRejected(Event):
    """The offer is not published, for this reason."""

    organisation: EntityId
    reason: FreeText


class PauseOffer(Command, roles=BRANCH_AND_PROVIDERS):
    """Pauses the offer: for now it takes no new orders and no assignments."""


class OfferPaused(Event):
    """The offer takes no new orders for now."""

    organisation: EntityId


class ResumeOffer(Command, roles=BRANCH_AND_PROVIDERS):
    """Lets a paused offer take orders again."""


class OfferResumed(Event):
    """The offer takes orders again."""

    organisation: EntityId


class CloseOffer(Command, roles=BRANCH_AND_PROVIDERS):
    """Closes the offer: it takes no new orders and no assignments any more; assigned orders continue."""


class OfferClosed(Event):
    """The offer takes no new orders any more."""

    organisation: EntityId


class WithdrawOffer(Command, roles=PROVIDERS):
    """The organisation withdraws its offer; assigned orders continue."""


class OfferWithdrawn(Event):
    """The offer is withdrawn."""

    organisation: EntityId


class AddSlots(Command, roles=BRANCH_AND_PROVIDERS):
    """Adds slots to an offer, such as a fair 便民服务活动."""

    slots: Annotated[list[Slot], Field(min_length=1, max_length=100)]


class SlotsAdded(Event):
    """The offer has more slots."""

    organisation: EntityId
    slots: Annotated[list[Slot], Field(min_length=1, max_length=100)]


class CancelSlot(Command, roles=BRANCH_AND_PROVIDERS):
    """Cancels a slot; its orders can be assigned again, and those concerned are notified.

    It is refused once one of the orders is in service or done.
    """

    slot: EntityId
    reason: FreeText


class SlotCancelled(Event):
    """The slot is cancelled; `OrderReleased` follows for each of its `orders` orders, waiting orders included."""

    organisation: EntityId
    slot: EntityId
    reason: FreeText
    orders: Count
