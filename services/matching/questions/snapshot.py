"""Makes the planner's snapshot from rows: orders, slots and possible providers at one moment (domain.md §3.4).

providers_snapshot.py makes the providers.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts.rules import CalendarRules
from microgov.services.matching import planner
from microgov.services.matching.model import Place, rules_in_force
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.order import Order
from microgov.services.matching.planner.snapshot import DAY, Urgency
from microgov.services.matching.questions.planner_units import point, whole_minute
from microgov.services.matching.questions.providers_snapshot import RegisteredPeople, providers

URGENCY: dict[str, Urgency] = {"ordinary": "ordinary", "urgent": "urgent", "emergency": "emergency"}


@dataclass(frozen=True)
class OrderToPlan:
    """An order to plan: its row, the offer and slot to assign it with, and `planned`, the providers whom the plan so far has
    for it.

    `promised`: the order was promoted from the waiting list, so a place in the slot is reserved for it.
    """

    row: Order
    offer: Offer | None
    slot: Slot | None
    promised: bool
    planned: frozenset[str]


def free_places(slot: Slot) -> int:
    """Places of the slot that are neither taken nor promised."""
    return slot.capacity - slot.taken - slot.promised


def slot_id(slot: Slot) -> str:
    """The planner's id of the slot."""
    return f"{slot.offer}/{slot.slot}"


def snapshot(at: datetime, asked: dict[str, OrderToPlan], s: Session) -> planner.Snapshot:
    """The planner's snapshot at the time `at`: the orders to plan (by id), their slots, and all providers."""
    served_before = _served_before({one.row.beneficiary for one in asked.values()}, s)
    slots = {slot_id(one.slot): one for one in asked.values() if one.slot is not None}
    offset = rules_in_force(s, CalendarRules).utc_offset_minutes
    orders = tuple(_order(one, at, served_before[one.row.beneficiary], s) for one in asked.values())
    days = sorted({(order.starts + offset) // DAY for order in orders if order.starts is not None})
    return planner.Snapshot(
        now=whole_minute(at),
        offset=offset,
        orders=orders,
        providers=tuple(providers(at, RegisteredPeople(s, days, offset), s)),
        slots=tuple(
            planner.Slot(id, one.offer.version, free_places(one.slot))
            for id, one in slots.items()
            if one.slot and one.offer
        ),
    )


def _order(one: OrderToPlan, at: datetime, served_before: frozenset[str], s: Session) -> planner.Order:
    """The order in the planner's form."""
    place, slot, wanted = (
        s.get(Place, one.row.place),
        one.slot,
        Requirement.of(one.offer.id if one.offer else None, s),
    )
    return planner.Order(
        id=one.row.id,
        version=one.row.version,
        beneficiary=one.row.beneficiary,
        path=tuple(place.path) if place is not None else (one.row.place,),
        point=point(one.row.place, s),
        requires=frozenset(q.name for q in wanted if q.kind != "language"),
        language=next((q.name for q in wanted if q.kind == "language"), None),
        starts=whole_minute(slot.starts) if slot else None,
        ends=whole_minute(slot.ends, up=True) if slot else None,
        organisation=one.offer.organisation if one.offer else _organisation_of(one.row, s),
        slot=slot_id(slot) if slot and not one.promised else None,
        urgency=URGENCY[one.row.urgency],
        waited=max(0, (at - one.row.placed_at).days),
        needed=one.row.needed,
        lead_needed=one.row.lead,
        served_before=served_before,
        planned=one.planned,
    )


def _organisation_of(row: Order, s: Session) -> str | None:
    """The organisation whose offer the order was placed from, even if the offer takes no orders now; None for a wish."""
    offer = s.get(Offer, row.offer) if row.offer else None
    return offer.organisation if offer is not None else None


def _served_before(beneficiaries: Iterable[str], s: Session) -> dict[str, frozenset[str]]:
    """For each beneficiary, the persons and organisations who have served them before."""
    found: dict[str, set[str]] = defaultdict(set)
    served = sa.select(Order).where(
        Order.beneficiary.in_(sorted(beneficiaries)), Order.state == "closed", Order.closing == "fulfilled"
    )
    for row in s.scalars(served.order_by(Order.id)):
        found[row.beneficiary] |= {id for id in (row.person, row.organisation) if id is not None}
    return defaultdict(frozenset, {who: frozenset(ids) for who, ids in found.items()})
