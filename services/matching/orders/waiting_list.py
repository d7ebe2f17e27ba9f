"""The waiting list 候补 of a full slot (domain.md §3.2): waiting orders, sorted by their numbers."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.matching.model import Base
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.life import LIFE
from microgov.services.matching.orders.order import Order


class Waiting(Base):
    """An order's place in the queue of a slot. A promoted order keeps its number until it is assigned or ends.

    The slot counts its rows: those with `promoted` in `promised`, the others in `waiting`.
    """

    __tablename__ = "waiting"
    order: Mapped[str] = mapped_column(primary_key=True)
    offer: Mapped[str]
    slot: Mapped[str]
    number: Mapped[int]
    promoted: Mapped[bool]

    @classmethod
    def join(cls, order: str, slot: Slot, s: Session) -> int:
        """Puts the order on the waiting list and returns its number. A promoted order that finds the slot full again waits
        under its old number.
        """
        row = s.get(cls, order)
        if row is not None and cls.has(order, slot, s):
            slot.promised -= 1
            row.promoted = False
        else:
            slot.queued += 1
            row = cls(order=order, offer=slot.offer, slot=slot.slot, number=slot.queued, promoted=False)
            s.add(row)
        slot.waiting += 1
        return row.number

    @classmethod
    def has(cls, order: str, slot: Slot, s: Session) -> bool:
        """Whether the order has a number on the slot's waiting list."""
        row = s.get(cls, order)
        return row is not None and (row.offer, row.slot) == (slot.offer, slot.slot)

    @classmethod
    def leave(cls, order: str, s: Session) -> Slot | None:
        """Takes the order off its waiting list; returns the slot, or None if it was on no list. Call `promote` with the slot
        afterwards.
        """
        row = s.get(cls, order)
        if row is None:
            return None
        slot = Slot.of(row.offer, row.slot, s)
        if row.promoted:
            slot.promised -= 1
        else:
            slot.waiting -= 1
        s.delete(row)
        return slot

    @classmethod
    def promote(cls, slot: Slot | None, m: AnyMessage, s: Session) -> Iterator[Said]:
        """Promotes the waiting orders with the lowest numbers, as many as there are places neither taken nor promised."""
        if slot is None or not slot.waiting or slot.taken + slot.promised >= slot.capacity:
            return
        queue = select(cls).where(cls.offer == slot.offer, cls.slot == slot.slot, cls.promoted.is_(False))
        for row in s.scalars(queue.order_by(cls.number)).all():
            order = Order.find(s, row.order)
            if order.state != "waitlisted" or slot.taken + slot.promised >= slot.capacity:
                continue
            LIFE.moved_by(order, "promoted", m, s)
            row.promoted = True
            slot.promised += 1
            slot.waiting -= 1
            yield order.say(matching.OrderPromoted(offer=slot.offer, slot=slot.slot))
