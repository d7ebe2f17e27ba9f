"""Assignments 下单, which only the branch makes (domain.md §3.2). serving/release.py ends them."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.contracts.rules import MatchingRules
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.matching.model import Base, Deadline, Place, Rule
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders import partners
from microgov.services.matching.orders.answer_deadline import answer_deadline
from microgov.services.matching.orders.life import LIFE
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.suggestion import check_suggestion_current
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.registry.organisations import Organisation


class Assignment(Base):
    """The active assignment of an order, which has at most one. The slot (if there is one) counts it in `taken`."""

    __tablename__ = "assignment"
    order: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str]
    offer: Mapped[str | None]
    slot: Mapped[str | None]

    def slot_of(self, s: Session) -> Slot | None:
        """The slot in which the order has its place; None if it is assigned without an offer or without a slot."""
        return Slot.of(self.offer, self.slot, s) if self.offer and self.slot else None

    @classmethod
    def make(cls, m: Envelope[matching.AssignOrder], s: Session) -> Iterator[Said]:
        """Assigns the order and takes a place in the slot; if the slot is full, the order is put on the waiting list."""
        order, d, hours = Order.find(s, m.subject), m.data, rules(s, Rule, MatchingRules).acceptance_hours
        check_within(s, Place, order.place, m)
        slot = cls._slot(order, m, s)
        check_suggestion_current(order, slot, m, s)
        if slot is not None and slot.is_full and order.state == "ready":
            yield from cls._wait(order, slot, m, s)
            return
        LIFE.move(order, m, s)
        left = Waiting.leave(order.id, s)
        if slot is not None:
            slot.taken += 1
        order.organisation = d.organisation
        order.set_staffing(d.staffing)
        s.add(cls(order=order.id, organisation=d.organisation, offer=d.offer, slot=d.slot))
        if d.partners:
            partners.add_partners(order.id, d.organisation, d.partners, s)
        until = answer_deadline(m.recordedtime + timedelta(hours=hours), slot, m, s)
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
        """Puts the order on the waiting list of the slot; it leaves the waiting list of any other slot."""
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
        """Checks organisations, offer and slot; returns the slot to assign, or None if the command names none and the offer
        has none. A slot without an offer is refused as `unknown_slot`.
        """
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
        offer.check_takes_orders("data.offer")
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
        """The organisation, if it may take the order; raises a refusal if it may not, and `assigns_to_self` if the sender
        represents it and the command does not say so.
        """
        organisation = Organisation.find(s, id, field)
        organisation.check_serves(order.place, s)
        organisation.check_works(s, field)
        if m.authid in organisation.representatives and not m.data.own_organisation:
            raise Refused(
                "assigns_to_self",
                f"您是 {organisation.name} 的代表，下单给自己的组织须注明。请注明 own_organisation。",
                f"You act for {organisation.name}. Who assigns is not the assignee unless it is flagged: "
                "set own_organisation, or let a colleague assign.",
                "data.own_organisation",
            )
        return organisation


def accept(m: Envelope[matching.AcceptAssignment], s: Session) -> Said:
    """Accepts the assignment 接单. Once all organisations that deliver it together have accepted, the order is staffed."""
    order = Order.find(s, m.subject)
    organisation = partners.acting_organisation(order.id, order.organisation, m, s)
    LIFE.check(order, matching.AcceptAssignment, m, s)
    waiting = partners.record_acceptance(order.id, organisation.id, s) if organisation else []
    if waiting:
        LIFE.moved_by(order, "partner", m, s)
        return order.say(
            matching.PartnerAccepted(organisation=organisation.id if organisation else "", waiting=waiting)
        )
    LIFE.move(order, m, s)
    Deadline.drop(s, "assignment", order.id)
    return order.say(matching.AssignmentAccepted(organisation=order.organisation or ""))
