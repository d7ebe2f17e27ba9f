"""Answers to questions about many organisations, providers, offers and orders; they only read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.fields import Part
from microgov.contracts.message import Question
from microgov.services.chassis.model import Life
from microgov.services.chassis.refusals import unknown_community, unknown_state
from microgov.services.matching.model import Person, Place
from microgov.services.matching.offers import offer as offers
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.questions import show
from microgov.services.matching.questions.show import columns_of
from microgov.services.matching.registry.organisations import ACTIVE, Organisation, OrganisationStage
from microgov.services.matching.registry.providers import Provider
from microgov.services.matching.serving.qualification import Qualified

Condition = sa.ColumnElement[bool]
OFFER_COLUMNS = ("state", "organisation", "title", "module", "place")
ORDER_COLUMNS = ("state", "beneficiary", "place", "offer", "slot", "organisation", "person", "closing")
_KIND = sa.func.coalesce(OrganisationStage.kind, "organisation")
_STAGE = sa.func.coalesce(OrganisationStage.state, ACTIVE)
_SUMS = (
    sa.select(
        Slot.offer,
        *(sa.func.sum(getattr(Slot, name)).label(name) for name in ("capacity", "taken", "waiting")),
    )
    .group_by(Slot.offer)
    .subquery()
)


def inside(community: str | None, s: Session, where: Any) -> list[Condition]:
    """The condition that the row's place (the column `where`) is the community or inside it; no condition if it is None.
    Raises `unknown_place`.
    """
    if community is None:
        return []
    _place(community, s)
    return [where.in_(sa.select(Place.id).where(_holds(Place.path, community)))]


def _place(id: str, s: Session) -> Place:
    row = s.get(Place, id)
    if row is None:
        raise unknown_community(id)
    return row


def _holds(column: Any, value: str) -> Condition:
    """The condition that a JSON list of ids or words contains this value. Of the characters that LIKE interprets, a word may
    contain `_`, which is escaped.
    """
    return sa.type_coerce(column, sa.Text).contains(f'"{value}"', autoescape=True)


def in_state(name: str | None, life: Life, where: Any) -> list[Condition]:
    """The condition that the row is in this state; no condition if it is None. Raises `unknown_state`."""
    if name is None:
        return []
    if name not in life.states:
        raise unknown_state(name, life.states)
    return [where == name]


def _same(*pairs: tuple[Any, Any]) -> list[Condition]:
    """For each pair (column, value) the condition that they are equal; none for the value None."""
    return [column == value for column, value in pairs if value is not None]


def _page(select: Any, key: Any, q: Any, s: Session) -> tuple[Sequence[Any], str | None]:
    """The rows of one page, and the id of the last row if there are more; otherwise None."""
    if q.after_id is not None:
        select = select.where(key > q.after_id)
    rows = s.execute(select.order_by(key).limit(q.most + 1)).all()
    page = rows[: q.most]
    return page, page[-1][0].id if len(rows) > q.most else None


def list_organisations(q: matching.ListOrganisations, s: Session) -> matching.OrganisationsListed:
    """A page of organisations, by id."""
    wanted = _same((_KIND, q.kind), (_STAGE, q.stage), (Organisation.status, q.status))
    if q.community is not None:
        row = _place(q.community, s)
        below = sa.select(Place.id).where(_holds(Place.path, row.id))
        around = [_holds(Organisation.places, place) for place in row.path]
        served = sa.exists(
            below.where(sa.type_coerce(Organisation.places, sa.Text).contains('"' + Place.id + '"'))
        )
        wanted.append(sa.or_(*around, served))
    select = (
        sa.select(Organisation, _KIND, _STAGE)
        .outerjoin(OrganisationStage, OrganisationStage.id == Organisation.id)
        .where(*wanted)
    )
    page, following = _page(select, Organisation.id, q, s)
    return matching.OrganisationsListed(
        organisations=[
            matching.OrganisationListed(
                organisation=row.id,
                kind=kind,
                stage=stage,
                **columns_of(row, ("name", "status", "places", "domains")),
            )
            for row, kind, stage in page
        ],
        next=following,
    )


def list_providers(q: matching.ListProviders, s: Session) -> matching.ProvidersListed:
    """A page of providers, by person."""
    wanted = inside(q.community, s, Person.place)
    if q.organisation is not None:
        wanted.append(_holds(Provider.organisations, q.organisation))
    if q.able is not None:
        proven = sa.select(Qualified.person).where(Qualified.name == q.able)
        wanted.append(sa.or_(_holds(Provider.languages, q.able), Provider.id.in_(proven)))
    select = sa.select(Provider, Person.place).join(Person, Person.id == Provider.id).where(*wanted)
    page, following = _page(select, Provider.id, q, s)
    return matching.ProvidersListed(
        providers=[
            matching.ProviderListed(
                person=row.id, place=place, roles=show.roles(row), **columns_of(row, show.PROVIDER_COLUMNS)
            )
            for row, place in page
        ],
        next=following,
    )


def list_offers(q: matching.ListOffers, s: Session) -> matching.OffersListed:
    """A page of offers, by id, with the sums over their slots."""
    sums = [sa.func.coalesce(_SUMS.c[name], 0).label(name) for name in ("capacity", "taken", "waiting")]
    capacity, taken, _ = sums
    wanted = in_state(q.state, offers.LIFE, Offer.state) + inside(q.community, s, Offer.place)
    wanted += _same((Offer.organisation, q.organisation), (Offer.module, q.module))
    if q.free is not None:
        full = sa.and_(Offer.slots > 0, taken >= capacity)
        wanted.append(sa.not_(full) if q.free else full)
    select = sa.select(Offer, *sums).outerjoin(_SUMS, _SUMS.c.offer == Offer.id).where(*wanted)
    page, following = _page(select, Offer.id, q, s)
    return matching.OffersListed(offers=[_offer(*row) for row in page], next=following)


def _offer(row: Offer, capacity: int, taken: int, waiting: int) -> matching.OfferListed:
    full = row.slots > 0 and taken >= capacity
    sums = {"capacity": int(capacity), "taken": int(taken), "waiting": int(waiting), "full": full}
    return matching.OfferListed.model_validate(
        {"offer": row.id, **columns_of(row, OFFER_COLUMNS), "slots": row.slots, **sums}
    )


def list_orders(q: matching.ListOrders, s: Session) -> matching.OrdersListed:
    """A page of orders, by id."""
    wanted = in_state(q.state, orders.LIFE, Order.state) + inside(q.community, s, Order.place)
    pairs = ((Order.organisation, q.organisation), (Order.beneficiary, q.beneficiary), (Order.offer, q.offer))
    page, following = _page(sa.select(Order).where(*wanted, *_same(*pairs)), Order.id, q, s)
    return matching.OrdersListed(
        orders=[matching.OrderListed(order=row.id, **columns_of(row, ORDER_COLUMNS)) for (row,) in page],
        next=following,
    )


def list_waiting(q: matching.ListWaiting, s: Session) -> matching.WaitingShown:
    """A page of the waiting list, by slot and number."""
    offer = Offer.find(s, q.offer, "offer")
    wanted: list[Condition] = [Waiting.offer == offer.id, *_same((Waiting.slot, q.slot))]
    if q.slot is not None:
        Slot.of(offer.id, q.slot, s, "slot")
    if q.after_key is not None:
        wanted.append(sa.tuple_(Waiting.slot, Waiting.number) > (q.after_key.slot, q.after_key.number))
    rows = s.scalars(
        sa.select(Waiting).where(*wanted).order_by(Waiting.slot, Waiting.number).limit(q.most + 1)
    ).all()
    page = rows[: q.most]
    last = page[-1] if len(rows) > q.most else None
    return matching.WaitingShown(
        waiting=[_waiting(row, s) for row in page],
        next=matching.WaitingKey(slot=last.slot, number=last.number) if last else None,
    )


def _waiting(row: Waiting, s: Session) -> matching.WaitingListed:
    beneficiary = Order.find(s, row.order).beneficiary
    starts = Slot.of(row.offer, row.slot, s).starts
    alike = columns_of(row, ("slot", "number", "order", "promoted"))
    return matching.WaitingListed(**alike, beneficiary=beneficiary, starts=starts)


QUESTIONS: Mapping[type[Question], Callable[[Any, Session], Part]] = {
    matching.ListOrganisations: list_organisations,
    matching.ListProviders: list_providers,
    matching.ListOffers: list_offers,
    matching.ListOrders: list_orders,
    matching.ListWaiting: list_waiting,
    matching.ShowOrganisation: show.show_organisation,
    matching.ShowProvider: show.show_provider,
    matching.ShowOffer: show.show_offer,
}
