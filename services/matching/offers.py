"""Organisations 社会组织, their offers 出单, and the slots of those (domain.md §3.1, 3.2)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts import matching as c
from contracts.message import Envelope, Event
from services.chassis.house import within
from services.chassis.model import AnyMessage, Entity, Life, Refused, Said, Transition, each
from services.matching.model import Base, Place

LIFE = Life(
    "offer",
    "出单",
    {
        "submitted": ("待发布", "waiting to be published"),
        "published": ("已发布", "published"),
        "paused": ("已暂停", "paused"),
        "closed": ("已结束", "closed"),
        "rejected": ("未通过", "rejected"),
        "withdrawn": ("已撤回", "withdrawn"),
    },
    {
        (None, c.SubmitOffer): Transition("submitted", c.OfferSubmitted),
        ("submitted", c.PublishOffer): Transition("published", c.OfferPublished),
        ("submitted", c.RejectOffer): Transition("rejected", c.OfferRejected),
        ("published", c.PauseOffer): Transition("paused", c.OfferPaused),
        ("paused", c.ResumeOffer): Transition("published", c.OfferResumed),
        **each(("published", "paused"), c.CloseOffer, Transition("closed", c.OfferClosed)),
        **each(("submitted", "published", "paused"), c.WithdrawOffer, Transition("withdrawn", c.OfferWithdrawn)),
    },
    frozenset({"closed", "rejected", "withdrawn"}),
)


class Organisation(Entity, Base):
    """Who is filed here, where it serves, and who acts for it."""

    __tablename__ = "organisation"
    name: Mapped[str]
    status: Mapped[str]
    domains: Mapped[list[Any]]
    places: Mapped[list[Any]]
    representatives: Mapped[list[Any]]

    @classmethod
    def file(cls, m: Envelope[c.FileOrganisation], s: Session) -> Said:
        """备案"""
        d = m.data
        for place in d.places:
            within(s, Place, place, m, "data.places")
        row = cls.new(
            s,
            m.subject,
            name=d.name,
            status=d.status,
            domains=d.domains,
            places=d.places,
            representatives=sorted(set(d.representatives)),
        )
        return row.say(
            c.OrganisationFiled(
                name=d.name, status=d.status, domains=d.domains, places=d.places, representatives=row.representatives
            )
        )

    def acts(self, m: AnyMessage) -> None:
        """Refuses with `not_your_organisation` who is none of its representatives."""
        if m.authid not in self.representatives:
            raise Refused(
                "not_your_organisation",
                f"您不是 {self.name} 的代表。请由该组织登记的代表办理。",
                f"You do not act for {self.name}. One of its filed representatives does this.",
                "authid",
            )

    def serves(self, place: str, s: Session) -> None:
        """Refuses with `organisation_not_there` an order from a place where it does not serve."""
        row = s.get(Place, place)
        if row is None or not set(row.path) & set(self.places):
            raise Refused(
                "organisation_not_there",
                f"{self.name} 的备案服务范围不含 {place}。请另选组织。",
                f"{self.name} is not filed to serve {place}. Choose another organisation.",
                "data.organisation",
            )


class Offer(Entity, Base):
    """*Full* is derived from its slots and never a state."""

    __tablename__ = "offer"
    state: Mapped[str]
    organisation: Mapped[str]
    title: Mapped[str]
    module: Mapped[str]
    place: Mapped[str]
    slots: Mapped[int]

    @classmethod
    def submit(cls, m: Envelope[c.SubmitOffer], s: Session) -> Said:
        """出单"""
        d = m.data
        Organisation.find(s, d.organisation, "data.organisation").acts(m)
        within(s, Place, d.place, m, "data.place")
        for slot in d.slots:
            _check_slot(d, slot, s)
        offer = cls.new(
            s,
            m.subject,
            state="submitted",
            organisation=d.organisation,
            title=d.title,
            module=d.module,
            place=d.place,
            slots=len(d.slots),
        )
        for slot in d.slots:
            s.add(
                Slot(
                    offer=offer.id,
                    slot=slot.slot,
                    starts=slot.starts,
                    ends=slot.ends,
                    place=slot.place,
                    capacity=slot.capacity,
                    taken=0,
                    promised=0,
                    queued=0,
                    waiting=0,
                )
            )
        return offer.say(
            c.OfferSubmitted(organisation=d.organisation, title=d.title, module=d.module, place=d.place, slots=d.slots)
        )

    def move(self, m: AnyMessage, s: Session, event: type[Event], **values: Any) -> Said:
        """By the branch of the place, or by a representative of its organisation."""
        within(s, Place, self.place, m)
        if m.role == "organisation":
            Organisation.find(s, self.organisation).acts(m)
        LIFE.move(self, m, s)
        return self.say(event.model_validate({"organisation": self.organisation, **values}))

    def takes_orders(self, field: str) -> None:
        """Refuses with `offer_not_open` what is ordered from an offer that is not published."""
        if self.state != "published":
            raise Refused(
                "offer_not_open",
                f"出单“{self.title}”目前不接受点单。请另选一项。",
                f"The offer {self.title} takes no orders at present. Choose another.",
                field,
            )


def _check_slot(d: c.SubmitOffer, slot: c.Slot, s: Session) -> None:
    row = s.get(Place, slot.place)
    if slot.ends <= slot.starts:
        raise Refused(
            "window_invalid",
            f"时段 {slot.slot} 的结束须晚于开始。请修改时间。",
            f"The slot {slot.slot} ends after it starts. Change the times.",
            "data.slots",
        )
    if sum(other.slot == slot.slot for other in d.slots) > 1:
        raise Refused(
            "slot_twice",
            f"时段编号 {slot.slot} 重复。请换一个编号。",
            f"The slot id {slot.slot} is there twice. Choose another.",
            "data.slots",
        )
    if row is None or d.place not in row.path:
        raise Refused(
            "outside_place",
            f"时段 {slot.slot} 的地点不在出单范围 {d.place} 之内。请修改地点。",
            f"The slot {slot.slot} is not inside {d.place}, where the offer is. Change its place.",
            "data.slots",
        )


class Slot(Base):
    """A window of an offer: `taken` places of `capacity`, `promised` to promoted orders; `waiting` of `queued` wait."""

    __tablename__ = "slot"
    offer: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    place: Mapped[str]
    capacity: Mapped[int]
    taken: Mapped[int]
    promised: Mapped[int]
    queued: Mapped[int]
    waiting: Mapped[int]

    @classmethod
    def of(cls, offer: str, slot: str, s: Session, field: str = "data.slot") -> "Slot":
        """The slot, or the refusal `unknown_slot`."""
        row = s.get(cls, (offer, slot))
        if row is None:
            raise Refused(
                "unknown_slot",
                f"出单 {offer} 没有时段 {slot}。请在其时段中选择。",
                f"The offer {offer} has no slot {slot}. Choose one of its slots.",
                field,
            )
        return row

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity
