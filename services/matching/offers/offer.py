"""Offers 出单 (domain.md §3.1, 3.2)."""

from typing import Any

from sqlalchemy.orm import Mapped, Session

from microgov.contracts import matching
from microgov.contracts.message import Envelope, Event, Message
from microgov.services.chassis.model import SAME, AnyMessage, Entity, Life, Refused, Said, Transition, each
from microgov.services.chassis.reference_data import check_within
from microgov.services.matching.model import Base, Place
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot, check_slots
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
        (None, matching.DraftOffer): Transition("draft", matching.OfferDrafted),
        ("draft", matching.DraftOffer): Transition(SAME, matching.OfferDrafted),
        (None, matching.SubmitOffer): Transition("submitted", matching.OfferSubmitted),
        ("draft", matching.SubmitOffer): Transition("submitted", matching.OfferSubmitted),
        ("submitted", matching.PublishOffer): Transition("published", matching.OfferPublished),
        ("submitted", matching.RejectOffer): Transition("rejected", matching.OfferRejected),
        ("published", matching.PauseOffer): Transition("paused", matching.OfferPaused),
        ("paused", matching.ResumeOffer): Transition("published", matching.OfferResumed),
        **each(("published", "paused"), matching.CloseOffer, Transition("closed", matching.OfferClosed)),
        **each(
            ("draft", "submitted", "published", "paused"),
            matching.WithdrawOffer,
            Transition("withdrawn", matching.OfferWithdrawn),
        ),
        **each(
            ("submitted", "published", "paused"), matching.AddSlots, Transition(SAME, matching.SlotsAdded)
        ),
        **each(
            ("submitted", "published", "paused", "closed"),
            matching.CancelSlot,
            Transition(SAME, matching.SlotCancelled),
        ),
    },
    frozenset({"closed", "rejected", "withdrawn"}),
)


MOVED: dict[type[Message], type[Event]] = {
    matching.PublishOffer: matching.OfferPublished,
    matching.RejectOffer: matching.OfferRejected,
    matching.PauseOffer: matching.OfferPaused,
    matching.ResumeOffer: matching.OfferResumed,
    matching.CloseOffer: matching.OfferClosed,
    matching.WithdrawOffer: matching.OfferWithdrawn,
}
"""Command that moves an offer → its event."""


class Offer(Entity, Base):
    """An offer; `slots` is the number of its slots. Whether it is full follows from its slots and is no state."""

    __tablename__ = "offer"
    CALLED = "Offer"
    state: Mapped[str]
    organisation: Mapped[str]
    title: Mapped[str]
    module: Mapped[str]
    place: Mapped[str]
    slots: Mapped[int]

    @classmethod
    def put(cls, m: Envelope[matching.SubmitOffer] | Envelope[matching.DraftOffer], s: Session) -> Said:
        """Drafts or submits an offer 出单; the values of an earlier draft are replaced."""
        d, offer = m.data, s.get(cls, m.subject)
        organisation = Organisation.find(s, d.organisation, "data.organisation")
        organisation.check_acts(m)
        organisation.check_works(s, "data.organisation")
        check_within(s, Place, d.place, m, "data.place")
        check_slots(d.place, d.slots, s)
        check_module(d.module, s)
        if offer is None or (offer.state, offer.organisation) != ("draft", d.organisation):
            state = "draft" if isinstance(d, matching.DraftOffer) else "submitted"
            offer = cls.new(s, m.subject, state=state, **_values(d))
        else:
            LIFE.move(offer, m, s)
            for name, value in _values(d).items():
                setattr(offer, name, value)
            Slot.delete_others(offer.id, d.slots, s)
        Slot.put(offer.id, d.slots, s)
        Requirement.put(offer.id, d.requires or (), s)
        event = matching.OfferDrafted if isinstance(d, matching.DraftOffer) else matching.OfferSubmitted
        return offer.say(event.model_validate(dict(d)))

    def move(self, m: AnyMessage, s: Session) -> Said:
        """Publishes, rejects, pauses, resumes, closes or withdraws the offer, depending on the command.

        Allowed to the branch of the place and to representatives of the offer's organisation.
        """
        event = MOVED[type(m.data)]
        self.check_sender(m, s)
        if event in (matching.OfferPublished, matching.OfferResumed):
            Organisation.find(s, self.organisation).check_works(s, "subject")
        LIFE.move(self, m, s)
        why = {"reason": m.data.reason} if isinstance(m.data, matching.RejectOffer) else {}
        return self.say(event.model_validate({"organisation": self.organisation, **why}))

    def check_sender(self, m: AnyMessage, s: Session) -> None:
        """Raises a refusal unless the sender is the branch of the place or a representative of the organisation."""
        check_within(s, Place, self.place, m)
        if m.role == "organisation":
            Organisation.find(s, self.organisation).check_acts(m)

    def check_takes_orders(self, field: str) -> None:
        """Raises `offer_not_open` if the offer is not published."""
        if self.state != "published":
            raise Refused(
                "offer_not_open",
                f"出单“{self.title}”目前不接受点单。请另选一项。",
                f"The offer {self.title} takes no orders at present. Choose another.",
                field,
            )


def _values(d: matching.SubmitOffer | matching.DraftOffer) -> dict[str, Any]:
    alike = {name: getattr(d, name) for name in ("organisation", "title", "module", "place")}
    return {**alike, "slots": len(d.slots)}
