"""The answer to a question about one order; it only reads."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.serving.proposals import proposals_of

ORDER_COLUMNS = (
    "state",
    "beneficiary",
    "placed_by",
    "place",
    "text",
    "offer",
    "organisation",
    "person",
    "closing",
    "stars",
)
SLOT_COLUMNS = ("slot", "starts", "ends", "place", "capacity", "taken", "waiting")


def show_order(q: matching.ShowOrder, s: Session) -> matching.OrderShown:
    """The order with its slot, its organisation and its proposals."""
    order = Order.find(s, q.order, "order")
    waiting = s.scalars(select(Waiting).where(Waiting.order == order.id)).first()
    offer = s.get(Offer, order.offer) if order.offer else None
    organisation = s.get(Organisation, order.organisation) if order.organisation else None
    return matching.OrderShown(
        order=order.id,
        **{name: getattr(order, name) for name in ORDER_COLUMNS},
        title=offer.title if offer else None,
        name=organisation.name if organisation else None,
        slot=_slot(order, s),
        number=waiting.number if waiting and not waiting.promoted else None,
        proposals=[
            matching.ProposalShown(proposal=p.id, person=p.person, state=p.state, code=p.code)
            for p in proposals_of(order.id, s)
        ],
    )


def _slot(order: Order, s: Session) -> matching.SlotShown | None:
    """The slot of the assignment or, without an assignment, the slot that was ordered; None if there is none."""
    assignment = s.get(Assignment, order.id)
    offer, slot = (assignment.offer, assignment.slot) if assignment else (order.offer, order.slot)
    row = s.get(Slot, (offer, slot)) if offer and slot else None
    return matching.SlotShown(**{name: getattr(row, name) for name in SLOT_COLUMNS}) if row else None
