"""Releases what an order uses: people, its place in a slot, its place on a waiting list (I4).

This happens when an assignment is declined or expires, when the order is cancelled or fails, or when its slot is cancelled
(slot_cancellation.py). Each of these handlers emits its own event and then calls `release`.
"""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.log import DeadlineReached
from microgov.contracts.matching import (
    AssignmentDeclined,
    AssignmentExpired,
    CancelOrder,
    DeclineAssignment,
    FailOrder,
)
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.matching.model import Deadline
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders import partners
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.life import LIFE
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.serving.proposals import proposals_of


def release(order: Order, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Releases everything that the order uses, whatever its state is.

    Open proposals are withdrawn, and people who had accepted are released. The assignment ends: the order has no
    organisation, and its place in the slot is free. The order leaves its waiting list. Waiting orders with the lowest
    numbers are promoted to the places that became free.
    """
    for proposal in proposals_of(order.id, s):
        yield from proposal.call_off(m, s)
    left = Waiting.leave(order.id, s)
    freed = _end_assignment(order, s)
    yield from Waiting.promote(freed, m, s)
    if left is not freed:
        yield from Waiting.promote(left, m, s)


def _end_assignment(order: Order, s: Session) -> Slot | None:
    """Deletes the assignment; returns the slot in which a place is free now, or None."""
    assignment = s.get(Assignment, order.id)
    if assignment is None:
        return None
    slot = assignment.slot_of(s)
    if slot is not None:
        slot.taken -= 1
    order.organisation = None
    order.needed, order.lead, order.staffed = 1, False, 0
    Deadline.drop(s, "assignment", order.id)
    partners.remove_partners(order.id, s)
    s.delete(assignment)
    return slot


def decline(m: Envelope[DeclineAssignment], s: Session) -> Iterator[Said]:
    """Declines the assignment; the order is ready again."""
    order = Order.find(s, m.subject)
    organisation = partners.acting_organisation(order.id, order.organisation, m, s)
    LIFE.move(order, m, s)
    mine = organisation.id if organisation else ""
    others = partners.other_organisations(order.id, mine, s)
    yield order.say(AssignmentDeclined(organisation=mine, reason=m.data.reason, partners=others))
    yield from release(order, m, s)


def expire(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline: an assignment without an answer expires, and the order is ready again."""
    order = Order.find(s, m.data.entity)
    if order.state == "assigned":
        LIFE.moved_by(order, "assignment", m, s)
        others = partners.other_organisations(order.id, order.organisation, s)
        yield order.say(AssignmentExpired(organisation=order.organisation or "", partners=others))
        yield from release(order, m, s)


def cancel(m: Envelope[CancelOrder], s: Session) -> Iterator[Said]:
    """Cancels the order; allowed to the person who ordered, the beneficiary, and the branch."""
    order = Order.find(s, m.subject)
    yield order.cancel(m, s)
    yield from release(order, m, s)


def fail(m: Envelope[FailOrder], s: Session) -> Iterator[Said]:
    """Reports that the order failed; allowed to the organisation and the branch."""
    order = Order.find(s, m.subject)
    yield order.fail(m, s)
    yield from release(order, m, s)
