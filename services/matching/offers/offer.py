"""Offers 出单, their slots, and what they require of who serves (domain.md §3.1, 3.2)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching as c
from microgov.contracts.message import Envelope, Event, Message
from microgov.services.chassis.model import SAME, AnyMessage, Entity, Life, Refused, Said, Transition, each
from microgov.services.chassis.reference_data import within
from microgov.services.matching.model import Base, Place
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.registry.service_modules import check_module

LIFE = Life(
    "offer",
    "出单",
    {
        "draft": ("草稿", "a draft"),
        "submitted": ("待发布", "waiting to be published"),
        "published": ("已发布", "published"),
        "paused": ("已暂停", "paused"),
        "closed": ("已结束", "closed"),
        "rejected": ("未通过", "rejected"),
        "withdrawn": ("已撤回", "withdrawn"),
    },
    {
        (None, c.DraftOffer): Transition("draft", c.OfferDrafted),
        ("draft", c.DraftOffer): Transition(SAME, c.OfferDrafted),
        (None, c.SubmitOffer): Transition("submitted", c.OfferSubmitted),
        ("draft", c.SubmitOffer): Transition("submitted", c.OfferSubmitted),
        ("submitted", c.PublishOffer): Transition("published", c.OfferPublished),
        ("submitted", c.RejectOffer): Transition("rejected", c.OfferRejected),
        ("published", c.PauseOffer): Transition("paused", c.OfferPaused),
        ("paused", c.ResumeOffer): Transition("published", c.OfferResumed),
        **each(("published", "paused"), c.CloseOffer, Transition("closed", c.OfferClosed)),
        **each(("draft", "submitted", "published", "paused"), c.WithdrawOffer, Transition("withdrawn", c.OfferWithdrawn)),
        **each(("submitted", "published", "paused"), c.AddSlots, Transition(SAME, c.SlotsAdded)),
        **each(("submitted", "published", "paused", "closed"), c.CancelSlot, Transition(SAME, c.SlotCancelled)),
    },
    frozenset({"closed", "rejected", "withdrawn"}),
)


MOVED: dict[type[Message], type[Event]] = {
    c.PublishOffer: c.OfferPublished,
    c.RejectOffer: c.OfferRejected,
    c.PauseOffer: c.OfferPaused,
    c.ResumeOffer: c.OfferResumed,
    c.CloseOffer: c.OfferClosed,
    c.WithdrawOffer: c.OfferWithdrawn,
}
"""What is said of an offer that moved, by what moved it."""


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
    def put(cls, m: Envelope[c.SubmitOffer] | Envelope[c.DraftOffer], s: Session) -> Said:
        """出单, as a draft or for the branch; what a draft said before is gone."""
        d, offer = m.data, s.get(cls, m.subject)
        organisation = Organisation.find(s, d.organisation, "data.organisation")
        organisation.acts(m)
        organisation.works(s, "data.organisation")
        within(s, Place, d.place, m, "data.place")
        check_slots(d.place, d.slots, s)
        check_module(d.module, s)
        if offer is None or (offer.state, offer.organisation) != ("draft", d.organisation):
            state = "draft" if isinstance(d, c.DraftOffer) else "submitted"
            offer = cls.new(s, m.subject, state=state, **_values(d))
        else:
            LIFE.move(offer, m, s)
            for name, value in _values(d).items():
                setattr(offer, name, value)
            Slot.keep(offer.id, d.slots, s)
        Slot.put(offer.id, d.slots, s)
        Requirement.put(offer.id, d.requires or (), s)
        event = c.OfferDrafted if isinstance(d, c.DraftOffer) else c.OfferSubmitted
        return offer.say(event.model_validate(dict(d)))

    def move(self, m: AnyMessage, s: Session) -> Said:
        """Published, rejected, paused, resumed, closed, withdrawn: by the branch of the place, or by a representative of
        its organisation."""
        event = MOVED[type(m.data)]
        self.by(m, s)
        if event in (c.OfferPublished, c.OfferResumed):
            Organisation.find(s, self.organisation).works(s, "subject")
        LIFE.move(self, m, s)
        why = {"reason": m.data.reason} if isinstance(m.data, c.RejectOffer) else {}
        return self.say(event.model_validate({"organisation": self.organisation, **why}))

    def by(self, m: AnyMessage, s: Session) -> None:
        """The branch of the place, or a representative of its organisation; refuses all others."""
        within(s, Place, self.place, m)
        if m.role == "organisation":
            Organisation.find(s, self.organisation).acts(m)

    def takes_orders(self, field: str) -> None:
        """Refuses with `offer_not_open` what is ordered from an offer that is not published."""
        if self.state != "published":
            raise Refused(
                "offer_not_open",
                f"出单“{self.title}”目前不接受点单。请另选一项。",
                f"The offer {self.title} takes no orders at present. Choose another.",
                field,
            )


def _values(d: c.SubmitOffer | c.DraftOffer) -> dict[str, Any]:
    alike = {name: getattr(d, name) for name in ("organisation", "title", "module", "place")}
    return {**alike, "slots": len(d.slots)}


def check_slots(place: str, slots: list[c.Slot], s: Session) -> None:
    """Each has a window, an id of its own, and a place inside the offer's."""
    for slot in slots:
        row = s.get(Place, slot.place)
        if slot.ends <= slot.starts:
            raise Refused(
                "window_invalid",
                f"时段 {slot.slot} 的结束须晚于开始。请修改时间。",
                f"The slot {slot.slot} ends after it starts. Change the times.",
                "data.slots",
            )
        if sum(other.slot == slot.slot for other in slots) > 1:
            raise slot_twice(slot.slot)
        if row is None or place not in row.path:
            raise Refused(
                "outside_place",
                f"时段 {slot.slot} 的地点不在出单范围 {place} 之内。请修改地点。",
                f"The slot {slot.slot} is not inside {place}, where the offer is. Change its place.",
                "data.slots",
            )


def slot_twice(slot: str) -> Refused:
    """The refusal of an id that another slot of the offer has."""
    return Refused(
        "slot_twice",
        f"时段编号 {slot} 重复。请换一个编号。",
        f"The slot id {slot} is there twice. Choose another.",
        "data.slots",
    )


class Slot(Base):
    """A window of an offer: `taken` places of `capacity`, `promised` to promoted orders; `waiting` of `queued` wait.

    A slot of capacity 0 is cancelled.
    """

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

    @classmethod
    def open(cls, offer: str, slot: str, s: Session) -> "Slot":
        """The same where it can be ordered from; refuses with `slot_cancelled` where it does not take place."""
        row = cls.of(offer, slot, s)
        if row.capacity == 0:
            raise Refused(
                "slot_cancelled",
                f"出单 {offer} 的时段 {slot} 已取消。请另选时段。",
                f"The slot {slot} of the offer {offer} is cancelled. Choose another.",
                "data.slot",
            )
        return row

    @classmethod
    def all_of(cls, offer: str, s: Session) -> list["Slot"]:
        """All slots of an offer, by id."""
        return list(s.scalars(select(cls).where(cls.offer == offer).order_by(cls.slot)))

    @classmethod
    def put(cls, offer: str, slots: Iterable[c.Slot], s: Session) -> None:
        """Nothing is taken of a new slot; one that is there already gets these values."""
        for slot in slots:
            row = s.get(cls, (offer, slot.slot))
            if row is None:
                s.add(cls(offer=offer, **dict(slot), taken=0, promised=0, queued=0, waiting=0))
            else:
                row.starts, row.ends, row.place, row.capacity = slot.starts, slot.ends, slot.place, slot.capacity

    @classmethod
    def keep(cls, offer: str, slots: Iterable[c.Slot], s: Session) -> None:
        """Of a draft, these and no others."""
        kept = {slot.slot for slot in slots}
        for row in cls.all_of(offer, s):
            if row.slot not in kept:
                s.delete(row)

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity


class Requirement(Base):
    """What who serves from the offer must have, valid on the day of the service (I7): kinds and names, in order."""

    __tablename__ = "requirement"
    offer: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[list[Any]]

    @classmethod
    def of(cls, offer: str | None, s: Session) -> list[c.Qualification]:
        """Nothing where nothing was named."""
        row = s.get(cls, offer) if offer is not None else None
        return [] if row is None else [c.Qualification.model_validate(one) for one in row.wanted]

    @classmethod
    def put(cls, offer: str, wanted: Iterable[c.Qualification], s: Session) -> None:
        """Each once, in place of what a draft said before."""
        row, pairs = s.get(cls, offer), sorted({(one.kind, one.name) for one in wanted})
        named = [{"kind": kind, "name": name} for kind, name in pairs]
        if row is not None:
            row.wanted = named
        elif named:
            s.add(cls(offer=offer, wanted=named))
