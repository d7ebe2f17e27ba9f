"""Orders 点单, from placing to rating (domain.md §3.2)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session

from microgov.contracts import matching
from microgov.contracts.issues import VisitServiceRequested
from microgov.contracts.message import Envelope
from microgov.contracts.rules import BehaviourRules, MatchingRules
from microgov.services.chassis.model import AnyMessage, Entity, Refused, Said
from microgov.services.chassis.reference_data import check_touching, check_within, rules
from microgov.services.matching.model import Base, Deadline, Person, Place, Rule, rules_in_force
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.life import LIFE
from microgov.services.matching.orders.partners import other_organisations
from microgov.services.matching.registry.organisations import Organisation


class Order(Entity, Base):
    """An order. `organisation` has the active assignment; `closing` says how the order ended: `fulfilled`, `failed`,
    `cancelled`, or `irrelevant` (rejected by the branch).

    `staffed` of the `needed` people have accepted. `person` is one of those who serve (the leading one, if `lead` is set),
    and `proposal` is that person's proposal.
    """

    __tablename__ = "order"
    CALLED = "Order"
    state: Mapped[str]
    beneficiary: Mapped[str]
    placed_by: Mapped[str]
    place: Mapped[str]
    text: Mapped[str]
    offer: Mapped[str | None]
    slot: Mapped[str | None]
    organisation: Mapped[str | None]
    proposal: Mapped[str | None]
    person: Mapped[str | None]
    needed: Mapped[int]
    lead: Mapped[bool]
    staffed: Mapped[int]
    closing: Mapped[str | None]
    stars: Mapped[int | None]
    placed_at: Mapped[datetime]
    urgency: Mapped[str]

    @classmethod
    def place_it(cls, m: Envelope[matching.PlaceOrder], s: Session) -> Said:
        """Places an order 点单; its place is the beneficiary's home."""
        return cls._put(m, m.beneficiary, s)

    @classmethod
    def _put(
        cls, m: Envelope[matching.PlaceOrder] | Envelope[VisitServiceRequested], beneficiary: str, s: Session
    ) -> Said:
        """Places the order. A slot without an offer does not exist, so it is refused as `unknown_slot`."""
        d, home = m.data, Person.named(beneficiary, s, "authid").place
        check_touching(s, Place, home, m, "authid")
        if d.offer is not None:
            Offer.find(s, d.offer, "data.offer").check_takes_orders("data.offer")
        if d.slot is not None:
            Slot.open(d.offer or "–", d.slot, s)
        order = cls.new(
            s,
            m.subject,
            state="placed",
            beneficiary=beneficiary,
            placed_by=m.authid,
            place=home,
            text=d.text,
            offer=d.offer,
            slot=d.slot,
            **dict.fromkeys(("organisation", "proposal", "person", "closing", "stars")),
            needed=1,  # this and `lead` are defaults, which the branch can change (`set_staffing`)
            lead=False,
            staffed=0,
            placed_at=m.recordedtime,
            urgency="ordinary",
        )
        # from behaviour 3 on the event holds the text of a wish 微心愿
        wish = d.text if d.offer is None and rules_in_force(s, BehaviourRules).tells_all else None
        return order.say(
            matching.OrderPlaced(
                beneficiary=beneficiary,
                placed_by=m.authid,
                offer=d.offer,
                slot=d.slot,
                place=home,
                channel=d.channel,
                wish=wish,
            )
        )

    @classmethod
    def of_visit(cls, m: Envelope[VisitServiceRequested], s: Session) -> Said:
        """Places an order for a line of a visit's service list 代点单.

        An event cannot be refused, so if no order can be placed, the event OrderNotPlaced says why.
        """
        try:
            return cls._put(m, m.data.person, s)
        except Refused as refused:
            return Said(matching.OrderNotPlaced(code=refused.code, message=refused.words), m.subject)

    def screen(self, m: Envelope[matching.ScreenOrder], s: Session) -> Said:
        """Accepts or rejects the order: the check 审核 by the branch."""
        check_within(s, Place, self.place, m)
        d = m.data
        if d.accepted:
            LIFE.moved_by(self, "accepted", m, s)
            self.urgency = d.urgency or self.urgency
            self.set_staffing(d.staffing)
            return self.say(matching.OrderAccepted(reason=d.reason, urgency=d.urgency, staffing=d.staffing))
        LIFE.moved_by(self, "rejected", m, s)
        self.closing = "irrelevant"
        return self.say(matching.OrderRejected(reason=d.reason))

    def set_staffing(self, staffing: matching.Staffing | None) -> None:
        """Sets how many people serve and whether one of them leads; the branch's latest statement counts."""
        if staffing is not None:
            self.needed, self.lead = staffing.people, staffing.lead

    def provider(self, m: AnyMessage, s: Session) -> Organisation | None:
        """The organisation of the order, after a check that the sender acts for it. None if the order has no organisation;
        then the order's state machine refuses the message.
        """
        if self.organisation is None:
            return None
        organisation = Organisation.find(s, self.organisation)
        organisation.check_acts(m)
        return organisation

    def add_person(self, person: str, proposal: str, duty: str) -> None:
        """Counts a person who has accepted."""
        self.staffed += 1
        if duty == "lead" or (self.person is None and not self.lead):
            self.person, self.proposal = person, proposal

    @property
    def waits_for_lead(self) -> bool:
        """Whether a dual-worker team still lacks the social worker who leads."""
        return self.lead and self.person is None

    def lose_person(self, person: str, m: AnyMessage, s: Session) -> Said:
        """Records that a person who had accepted does not come; the order has to be staffed again."""
        LIFE.moved_by(self, "understaffed", m, s)
        self.staffed -= 1
        if self.person == person:
            self.person = self.proposal = None
        missing = max(1, self.needed - self.staffed)
        return self.say(
            matching.OrderUnderstaffed(organisation=self.organisation or "", person=person, missing=missing)
        )

    def check_branch_or_provider(self, m: AnyMessage, s: Session) -> None:
        """Checks that the sender is the branch of the place, or acts for the organisation."""
        check_within(s, Place, self.place, m)
        if m.role == "organisation":
            self.provider(m, s)

    def complete(self, m: Envelope[matching.ReportDone], s: Session) -> Said:
        """Reports the service as done; from now on the order can be rated."""
        hours = rules(s, Rule, MatchingRules).rating_hours
        organisation = self.provider(m, s)
        LIFE.move(self, m, s)
        until = m.recordedtime + timedelta(hours=hours)
        Deadline.put(s, "rating", self.id, until)
        return self.say(
            matching.ServiceCompleted(
                organisation=_name(organisation),
                person=self.person or "",
                rate_until=until,
                minutes=m.data.minutes,
            )
        )

    def rate(self, m: Envelope[matching.RateOrder], s: Session) -> Said:
        """Rates the order 评单."""
        self._check_is_theirs(m)
        LIFE.move(self, m, s)
        Deadline.drop(s, "rating", self.id)
        self.closing, self.stars = "fulfilled", m.data.stars
        return self.say(
            matching.OrderRated(organisation=self.organisation or "", stars=m.data.stars, text=m.data.text)
        )

    def close_unrated(self, m: AnyMessage, s: Session) -> Said:
        """Deadline: closes an order that nobody has rated in time."""
        LIFE.moved_by(self, "rating", m, s)
        self.closing = "fulfilled"
        return self.say(matching.OrderClosed(organisation=self.organisation or ""))

    def cancel(self, m: Envelope[matching.CancelOrder], s: Session) -> Said:
        """Cancels the order; the caller then calls `release` (serving/release.py)."""
        if m.role == "branch":
            check_within(s, Place, self.place, m)
        else:
            self._check_is_theirs(m)
        LIFE.move(self, m, s)
        self.closing = "cancelled"
        others = other_organisations(self.id, self.organisation, s)
        return self.say(
            matching.OrderCancelled(
                organisation=self.organisation, person=self.person, reason=m.data.reason, partners=others
            )
        )

    def fail(self, m: Envelope[matching.FailOrder], s: Session) -> Said:
        """Records that the order has failed; the caller then calls `release` (serving/release.py)."""
        self.check_branch_or_provider(m, s)
        LIFE.move(self, m, s)
        self.closing = "failed"
        others = other_organisations(self.id, self.organisation, s)
        return self.say(
            matching.OrderFailed(
                organisation=self.organisation or "",
                person=self.person,
                reason=m.data.reason,
                partners=others,
            )
        )

    def _check_is_theirs(self, m: AnyMessage) -> None:
        """Raises `not_your_order` unless the message is sent by, or on behalf of, the beneficiary or the person who
        placed the order.
        """
        if not {m.authid, m.beneficiary} & {self.beneficiary, self.placed_by}:
            raise Refused(
                "not_your_order",
                f"点单 {self.id} 不是您的，也不是由您代点的。请由本人或代点人办理。",
                f"The order {self.id} is neither yours nor placed by you. Whoever it is for does this.",
                "authid",
            )


def _name(organisation: Organisation | None) -> str:
    return organisation.id if organisation else ""
