"""Adds and cancels slots of an offer. A fair 便民服务活动 is an offer with many slots (domain.md §3.1, 3.2)."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.contracts.rules import BehaviourRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.matching.model import rules_in_force
from microgov.services.matching.offers.offer import LIFE, Offer
from microgov.services.matching.offers.slot import Slot, check_slots, slot_twice
from microgov.services.matching.orders import life as orders
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.partners import other_organisations
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.serving.release import release

MAX_SLOTS = 1000
"""How many slots an offer may have, cancelled ones included."""


def add_slots(m: Envelope[matching.AddSlots], s: Session) -> Said:
    """Adds slots with all places free."""
    offer, slots = Offer.find(s, m.subject), m.data.slots
    offer.check_sender(m, s)
    Organisation.find(s, offer.organisation).check_works(s, "subject")
    check_slots(offer.place, slots, s)
    for slot in slots:
        if s.get(Slot, (offer.id, slot.slot)) is not None:
            raise slot_twice(slot.slot)
    if offer.slots + len(slots) > MAX_SLOTS:
        raise Refused(
            "too_many_slots",
            f"出单 {offer.id} 最多 {MAX_SLOTS} 个时段。请另出一单。",
            f"The offer {offer.id} has {MAX_SLOTS} slots at most. Make another offer.",
            "data.slots",
        )
    LIFE.move(offer, m, s)
    Slot.put(offer.id, slots, s)
    offer.slots += len(slots)
    return offer.say(matching.SlotsAdded(organisation=offer.organisation, slots=slots))


def cancel_slot(m: Envelope[matching.CancelSlot], s: Session) -> Iterator[Said]:
    """Cancels a slot: its capacity becomes 0, and orders that had a place or waited for one are ready again."""
    offer, d = Offer.find(s, m.subject), m.data
    offer.check_sender(m, s)
    slot = Slot.open(offer.id, d.slot, s)
    held = _orders_of_slot(slot, s)
    for order in held:
        _check_not_begun(order, slot, m, s)
    LIFE.move(offer, m, s)
    slot.capacity = 0
    yield offer.say(
        matching.SlotCancelled(
            organisation=offer.organisation, slot=slot.slot, reason=d.reason, orders=len(held)
        )
    )
    for order in held:
        yield _slot_cancelled(order, slot, m, s)
        yield from release(order, m, s)


def _slot_cancelled(order: Order, slot: Slot, m: Envelope[matching.CancelSlot], s: Session) -> Said:
    """Makes the order ready for another slot; the event names the organisation and person who were to serve it."""
    orders.LIFE.moved_by(order, "slot_cancelled", m, s)
    organisation, person = order.organisation, order.person
    order.person = order.proposal = None
    others = (
        other_organisations(order.id, organisation, s)
        if rules_in_force(s, BehaviourRules).tells_all
        else None
    )
    where = {"offer": slot.offer, "slot": slot.slot}
    return order.say(
        matching.OrderReleased(
            organisation=organisation, person=person, **where, reason=m.data.reason, partners=others
        )
    )


def _orders_of_slot(slot: Slot, s: Session) -> list[Order]:
    """The orders that have a place in the slot, then its waiting orders by number."""
    here = (Assignment.offer == slot.offer, Assignment.slot == slot.slot)
    assigned = s.scalars(select(Assignment).where(*here).order_by(Assignment.order)).all()
    queue = (
        select(Waiting).where(Waiting.offer == slot.offer, Waiting.slot == slot.slot).order_by(Waiting.number)
    )
    ids = [*(row.order for row in assigned), *(row.order for row in s.scalars(queue))]
    return [Order.find(s, id) for id in ids]


def _check_not_begun(order: Order, slot: Slot, m: AnyMessage, s: Session) -> None:
    """Raises `slot_begun` if the order is already being served."""
    if not orders.LIFE.allows(order.state, "slot_cancelled"):
        raise Refused(
            "slot_begun",
            f"时段 {slot.slot} 已开始服务（点单 {order.id}），不能取消。请等服务结束，或将该点单报告为失败。",
            f"The slot {slot.slot} has begun: the order {order.id} is served. Wait for it to end, or report it as failed.",
            "data.slot",
        )
    orders.LIFE.check(order, "slot_cancelled", m, s)
