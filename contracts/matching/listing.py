"""Questions about organisations, providers, offers and orders, single or many (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    LogSeq,
    Part,
    PersonId,
    PlaceId,
    Text,
    Total,
    Word,
)
from microgov.contracts.matching.offer import Requires
from microgov.contracts.matching.provider import (
    Conflicts,
    DaysOff,
    Languages,
    Organisations,
    Qualification,
    Roles,
    Weekly,
)
from microgov.contracts.matching.question import SlotShown
from microgov.contracts.matching.vocabulary import PartyKind, Stage, Status
from microgov.contracts.message import Question
from microgov.contracts.rules import Day

PageSize = Annotated[int, Field(ge=1, le=200, examples=[50])]
Places = Annotated[list[PlaceId], Field(max_length=100)]


class ListOrganisations(Question, roles=READERS):
    """Asks for the organisations and other parties that meet all given conditions, in the order of their ids.

    `community` is a place and selects the parties that serve it, or a place inside or around it. A page holds at most `most`
    entries; `after_id` is `next` of the previous page.
    """

    kind: PartyKind | None = None
    stage: Stage | None = None
    status: Status | None = None
    community: PlaceId | None = None
    after_id: EntityId | None = None
    most: PageSize = 50
    after: LogSeq = 0


class OrganisationListed(Part):
    """One organisation or other party."""

    organisation: EntityId
    kind: PartyKind
    name: Text
    status: Status
    stage: Stage
    places: Places
    domains: Annotated[list[Word], Field(max_length=20)]


class OrganisationsListed(Part):
    """The answer to ListOrganisations; `next` is given if there are more."""

    organisations: Annotated[list[OrganisationListed], Field(max_length=200)]
    next: EntityId | None = None


class ShowOrganisation(Question, roles=READERS):
    """Asks for one organisation or other party."""

    organisation: EntityId
    after: LogSeq = 0


class OrganisationShown(Part):
    """The answer to ShowOrganisation; `offers` counts its offers that take orders now, or may do so again."""

    organisation: EntityId
    kind: PartyKind
    name: Text
    status: Status
    stage: Stage
    places: Places
    domains: Annotated[list[Word], Field(max_length=20)]
    enterprises: Annotated[list[EntityId], Field(max_length=100)]
    representatives: Annotated[list[PersonId], Field(max_length=20)]
    offers: Count


class ListProviders(Question, roles=READERS):
    """Asks for providers, also withdrawn ones, in the order of their ids; `community` is a place in which they live.

    `able` is the name of a language that they speak, or of a verified qualification, also of one that has run out.
    """

    organisation: EntityId | None = None
    community: PlaceId | None = None
    able: Word | None = None
    after_id: PersonId | None = None
    most: PageSize = 50
    after: LogSeq = 0


class ProviderListed(Part):
    """One provider."""

    person: PersonId
    state: Word
    place: PlaceId
    organisations: Organisations
    roles: Roles
    languages: Languages


class ProvidersListed(Part):
    """The answer to ListProviders; `next` is given if there are more."""

    providers: Annotated[list[ProviderListed], Field(max_length=200)]
    next: PersonId | None = None


class ShowProvider(Question, roles=READERS):
    """Asks for one provider."""

    person: PersonId
    after: LogSeq = 0


class QualificationShown(Part):
    """A verified qualification; `valid_until` is its last day."""

    qualification: Qualification
    valid_until: Day | None = None
    verified_by: PersonId


class ProviderShown(Part):
    """The answer to ShowProvider; `availability` is `unknown`, `weekly` or `withdrawn`."""

    person: PersonId
    state: Word
    place: PlaceId
    organisations: Organisations
    roles: Roles
    languages: Languages
    conflicts: Conflicts = None
    qualifications: Annotated[list[QualificationShown], Field(max_length=200)]
    availability: Word
    weekly: Annotated[list[Weekly], Field(max_length=50)]
    days_off: DaysOff


class ListOffers(Question, roles=READERS):
    """Asks for offers, in the order of their ids; `free`: true for those that have a place left, false for full ones."""

    state: Word | None = None
    organisation: EntityId | None = None
    module: Word | None = None
    community: PlaceId | None = None
    free: bool | None = None
    after_id: EntityId | None = None
    most: PageSize = 50
    after: LogSeq = 0


class OfferListed(Part):
    """An offer.

    `capacity` (places), `taken` and `waiting` (orders) are sums over its slots; `full`: no place is left.
    """

    offer: EntityId
    state: Word
    organisation: EntityId
    title: Text
    module: Word
    place: PlaceId
    slots: Count
    capacity: Total
    taken: Count
    waiting: Count
    full: bool


class OffersListed(Part):
    """The answer to ListOffers; `next` is given if there are more."""

    offers: Annotated[list[OfferListed], Field(max_length=200)]
    next: EntityId | None = None


class ShowOffer(Question, roles=READERS):
    """Asks for one offer."""

    offer: EntityId
    after: LogSeq = 0


class OfferShown(Part):
    """The answer to ShowOffer, with every slot in the order of ids; a slot of capacity 0 is cancelled."""

    offer: EntityId
    state: Word
    organisation: EntityId
    name: Text
    title: Text
    module: Word
    place: PlaceId
    requires: Requires
    full: bool
    slots: Annotated[list[SlotShown], Field(max_length=1000)]


class ListOrders(Question, roles=READERS):
    """Asks for orders, in the order of their ids; `community` is a place in which the beneficiary lives."""

    state: Word | None = None
    community: PlaceId | None = None
    organisation: EntityId | None = None
    beneficiary: PersonId | None = None
    offer: EntityId | None = None
    after_id: EntityId | None = None
    most: PageSize = 50
    after: LogSeq = 0


class OrderListed(Part):
    """One order."""

    order: EntityId
    state: Word
    beneficiary: PersonId
    place: PlaceId
    offer: EntityId | None = None
    slot: EntityId | None = None
    organisation: EntityId | None = None
    person: PersonId | None = None
    closing: Word | None = None


class OrdersListed(Part):
    """The answer to ListOrders; `next` is given if there are more."""

    orders: Annotated[list[OrderListed], Field(max_length=200)]
    next: EntityId | None = None
