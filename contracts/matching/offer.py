"""What is asked and said about organisations and their offers 出单 (domain.md §3)."""

from typing import Annotated

from pydantic import Field

from contracts.fields import EntityId, FreeText, Part, PersonId, PlaceId, Positive, Text, Time, Word
from contracts.matching.words import BRANCH, EITHER, PROVIDERS, REGISTRARS, Status
from contracts.message import Command, Event


class FileOrganisation(Command, roles=REGISTRARS, creates=True):
    """备案: an organisation (the subject) and the persons who act for it; `filed` is lighter than `registered`."""

    name: Text
    status: Status
    domains: Annotated[list[Word], Field(max_length=20)]
    places: Annotated[list[PlaceId], Field(min_length=1, max_length=100)]
    representatives: Annotated[list[PersonId], Field(min_length=1, max_length=20)]


class OrganisationFiled(Event):
    name: Text
    status: Status
    domains: Annotated[list[Word], Field(max_length=20)]
    places: Annotated[list[PlaceId], Field(min_length=1, max_length=100)]
    representatives: Annotated[list[PersonId], Field(min_length=1, max_length=20)]


class Slot(Part):
    """A window of time at a place, for so many orders."""

    slot: EntityId
    starts: Time
    ends: Time
    place: PlaceId
    capacity: Positive


class SubmitOffer(Command, roles=PROVIDERS, creates=True):
    """出单: what the organisation would do; without slots it is open-ended."""

    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]


class OfferSubmitted(Event):
    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Annotated[list[Slot], Field(max_length=100)]


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
