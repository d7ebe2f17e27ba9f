"""Assignments 下单, by the branch alone, and the waiting list 候补 of full slots (domain.md §3.2)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules import MatchingRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import rules, within
from microgov.services.matching.model import Base, Deadline, Place, Rule
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders import partners
from microgov.services.matching.orders.answer_deadline import before_it_starts
from microgov.services.matching.orders.life import LIFE
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.suggestion import still_stands
from microgov.services.matching.registry.organisations import Organisation


class Assignment(Base):
    """The active assignment of an order, at most one. It is counted in `taken` of its slot."""

    __tablename__ = "assignment"
    order: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str]
    offer: Mapped[str | None]
    slot: Mapped[str | None]

    @classmethod
    def make(cls, m: Envelope[matching.AssignOrder], s: Session) -> Iterator[Said]:
        """Assigns the order and takes a place in the slot; if the slot is full, the order is put on the waiting list."""
        order, d, hours = Order.find(s, m.subject), m.data, rules(s, Rule, MatchingRules).acceptance_hours
        within(s, Place, order.place, m)
        slot = cls._slot(order, m, s)
        still_stands(order, slot, m, s)
        if slot is not None and slot.is_full and order.state == "ready":
            yield from cls._wait(order, slot, m, s)
            return
        LIFE.move(order, m, s)
        left = Waiting.leave(order.id, s)
        if slot is not None:
            slot.taken += 1
        order.organisation = d.organisation
        order.takes(d.staffing)
        s.add(cls(order=order.id, organisation=d.organisation, offer=d.offer, slot=d.slot))
        if d.partners:
            partners.join(order.id, d.organisation, d.partners, s)
        until = before_it_starts(m.recordedtime + timedelta(hours=hours), slot, m, s)
        Deadline.put(s, "assignment", order.id, until)
        yield order.say(
            matching.OrderAssigned(
                organisation=d.organisation,
                offer=d.offer,
                slot=d.slot,
                reason=d.reason,
                answer_until=until,
                followed_suggestion=d.followed_suggestion,
                own_organisation=d.own_organisation,
                staffing=d.staffing,
                partners=d.partners,
            )
        )
        yield from Waiting.promote(left, m, s)

    @classmethod
    def _wait(cls, order: Order, slot: Slot, m: Envelope[matching.AssignOrder], s: Session) -> Iterator[Said]:
        """Puts the order into the queue of the slot, and out of the queue of another."""
        LIFE.moved_by(order, "no_capacity", m, s)
        left = None if Waiting.has(order.id, slot, s) else Waiting.leave(order.id, s)
        number = Waiting.join(order.id, slot, s)
        yield order.say(
            matching.OrderWaitlisted(
                organisation=m.data.organisation, offer=slot.offer, slot=slot.slot, number=number
            )
        )
        yield from Waiting.promote(left, m, s)

    @classmethod
    def _slot(cls, order: Order, m: Envelope[matching.AssignOrder], s: Session) -> Slot | None:
        """The slot to assign, or None, after all checks of organisations, offer and slot."""
        d = m.data
        organisation = cls._assignee(d.organisation, "data.organisation", order, m, s)
        if len({d.organisation, *(d.partners or [])}) <= len(d.partners or []):
            raise Refused(
                "partner_twice",
                "联合服务的单位不能重复，也不能与负责单位相同。请去掉重复的。",
                "Every partner stands there once, and the responsible organisation is none of them. Remove the double.",
                "data.partners",
            )
        for one in d.partners or []:
            cls._assignee(one, "data.partners", order, m, s)
        if d.offer is None:
            return Slot.open("–", d.slot, s) if d.slot else None
        offer = Offer.find(s, d.offer, "data.offer")
        if offer.organisation != d.organisation:
            raise Refused(
                "not_their_offer",
                f"出单 {d.offer} 不属于 {organisation.name}。请核对。",
                f"The offer {d.offer} is not one of {organisation.name}. Check it.",
                "data.offer",
            )
        offer.takes_orders("data.offer")
        if d.slot is None and offer.slots:
            raise Refused(
                "slot_missing",
                f"出单 {d.offer} 分时段，请写明时段。",
                f"The offer {d.offer} has slots; name the one that is meant.",
                "data.slot",
            )
        return Slot.open(d.offer, d.slot, s) if d.slot else None

    @classmethod
    def _assignee(
        cls, id: str, field: str, order: Order, m: Envelope[matching.AssignOrder], s: Session
    ) -> Organisation:
        """The organisation, if it may take the order; raises `assigns_to_self` unless that is flagged."""
        organisation = Organisation.find(s, id, field)
        organisation.serves(order.place, s)
        organisation.works(s, field)
        if m.authid in organisation.representatives and not m.data.own_organisation:
            raise Refused(
                "assigns_to_self",
                f"您是 {organisation.name} 的代表，下单给自己的组织须注明。请注明 own_organisation。",
                f"You act for {organisation.name}. Who assigns is not the assignee unless it is flagged: "
                "set own_organisation, or let a colleague assign.",
                "data.own_organisation",
            )
        return organisation

    def release(self, order: Order, s: Session) -> Slot | None:
        """Ends the assignment: its place is free and the order has no organisation. Returns the slot."""
        slot = s.get(Slot, (self.offer, self.slot)) if self.offer and self.slot else None
        if slot is not None:
            slot.taken -= 1
        order.organisation = None
        order.needed, order.lead, order.staffed = 1, False, 0
        Deadline.drop(s, "assignment", order.id)
        partners.part(order.id, s)
        s.delete(self)
        return slot


def accept(m: Envelope[matching.AcceptAssignment], s: Session) -> Said:
    """Accepts the assignment 接单. Once all organisations that deliver it together have accepted, the order is staffed."""
    order = Order.find(s, m.subject)
    organisation = partners.acting(order.id, order.organisation, m, s)
    LIFE.check(order, matching.AcceptAssignment, m, s)
    waiting = partners.say_yes(order.id, organisation.id, s) if organisation else []
    if waiting:
        LIFE.moved_by(order, "partner", m, s)
        return order.say(
            matching.PartnerAccepted(organisation=organisation.id if organisation else "", waiting=waiting)
        )
    LIFE.move(order, m, s)
    Deadline.drop(s, "assignment", order.id)
    return order.say(matching.AssignmentAccepted(organisation=order.organisation or ""))


def decline(m: Envelope[matching.DeclineAssignment], s: Session) -> Iterator[Said]:
    """Declines the assignment; the order is ready again and its place is free."""
    order = Order.find(s, m.subject)
    organisation = partners.acting(order.id, order.organisation, m, s)
    LIFE.move(order, m, s)
    mine = organisation.id if organisation else ""
    yield order.say(
        matching.AssignmentDeclined(
            organisation=mine, reason=m.data.reason, partners=partners.beside(order.id, mine, s)
        )
    )
    yield from free(order, m, s)


def expire(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline: an assignment without an answer expires, and the order is ready again."""
    order = Order.find(s, m.data.entity)
    if order.state == "assigned":
        LIFE.moved_by(order, "assignment", m, s)
        others = partners.beside(order.id, order.organisation, s)
        yield order.say(matching.AssignmentExpired(organisation=order.organisation or "", partners=others))
        yield from free(order, m, s)


def free(order: Order, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Releases the order's place in the slot and in the queue; the order that has waited longest moves up."""
    assignment, left = s.get(Assignment, order.id), Waiting.leave(order.id, s)
    slot = assignment.release(order, s) if assignment is not None else None
    yield from Waiting.promote(slot, m, s)
    if left is not slot:
        yield from Waiting.promote(left, m, s)


class Waiting(Base):
    """An order's place in the queue of a slot. A promoted order keeps its number until it is assigned or ends."""

    __tablename__ = "waiting"
    order: Mapped[str] = mapped_column(primary_key=True)
    offer: Mapped[str]
    slot: Mapped[str]
    number: Mapped[int]
    promoted: Mapped[bool]

    @classmethod
    def join(cls, order: str, slot: Slot, s: Session) -> int:
        """Joins the queue and returns the number; a promoted order that finds the slot full gets its old one back."""
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
        """Whether the order has a number in the slot's queue."""
        row = s.get(cls, order)
        return row is not None and (row.offer, row.slot) == (slot.offer, slot.slot)

    @classmethod
    def leave(cls, order: str, s: Session) -> Slot | None:
        """Takes the order out of its queue; returns that slot, or None."""
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
        """Promotes the oldest waiting orders, as many as there are places neither taken nor promised."""
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
