"""Answers to questions about one organisation, provider or offer; they only read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.fields import Role
from microgov.services.matching.model import Person
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.registry.organisations import Organisation, OrganisationStage
from microgov.services.matching.registry.providers import Availability, Provider
from microgov.services.matching.serving.qualification import Qualified

SLOT_COLUMNS = ("slot", "starts", "ends", "place", "capacity", "taken", "waiting")
PROVIDER_COLUMNS = ("state", "organisations", "languages", "conflicts")


def columns_of(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The named columns of the row, as a dict."""
    return {name: getattr(row, name) for name in names}


def roles(row: Provider) -> list[Role]:
    """The roles in which a provider serves."""
    return [Role(role) for role in row.roles]


def show_organisation(q: matching.ShowOrganisation, s: Session) -> matching.OrganisationShown:
    """The organisation, its stage, and its number of published or paused offers."""
    row = Organisation.find(s, q.organisation, "organisation")
    party = OrganisationStage.peek(row.id, s)
    here = Offer.organisation == row.id, Offer.state.in_(("published", "paused"))
    return matching.OrganisationShown.model_validate(
        {
            "organisation": row.id,
            **columns_of(row, ("name", "status", "places", "domains", "representatives")),
            **columns_of(party, ("kind", "enterprises")),
            "stage": party.state,
            "offers": s.scalar(sa.select(sa.func.count()).select_from(Offer).where(*here)),
        }
    )


def show_provider(q: matching.ShowProvider, s: Session) -> matching.ProviderShown:
    """The provider with qualifications and availability."""
    row = Provider.find(s, q.person, "person")
    time, proven = s.get(Availability, row.id), Qualified.of(row.id, s)[:200]
    said = "unknown" if time is None else "weekly" if time.weekly else "withdrawn"
    return matching.ProviderShown(
        person=row.id,
        place=Person.named(row.id, s, "person").place,
        roles=roles(row),
        **columns_of(row, PROVIDER_COLUMNS),
        qualifications=[
            matching.QualificationShown(
                qualification=matching.Qualification.model_validate({"kind": one.kind, "name": one.name}),
                **columns_of(one, ("valid_until", "verified_by")),
            )
            for one in proven
        ],
        availability=said,
        weekly=[matching.Weekly.model_validate(one) for one in (time.weekly if time else ())],
        days_off=time.days_off if time else [],
    )


def show_offer(q: matching.ShowOffer, s: Session) -> matching.OfferShown:
    """The offer with its slots; it is full if every slot is."""
    row = Offer.find(s, q.offer, "offer")
    slots = Slot.all_of(row.id, s)
    return matching.OfferShown(
        offer=row.id,
        **columns_of(row, ("state", "organisation", "title", "module", "place")),
        name=Organisation.find(s, row.organisation).name,
        requires=Requirement.of(row.id, s),
        full=bool(slots) and all(slot.is_full for slot in slots),
        slots=[matching.SlotShown(**columns_of(slot, SLOT_COLUMNS)) for slot in slots],
    )
