"""Slots 时段 of offers: window, place and capacity."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.services.chassis.model import Refused
from microgov.services.matching.model import Base, Place


def check_slots(place: str, slots: list[matching.Slot], s: Session) -> None:
    """Checks that each slot ends after it starts, has a unique id, and lies inside the offer's place."""
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
    """The refusal `slot_twice`: the offer has a slot with this id."""
    return Refused(
        "slot_twice",
        f"时段编号 {slot} 重复。请换一个编号。",
        f"The slot id {slot} is there twice. Choose another.",
        "data.slots",
    )


class Slot(Base):
    """A slot of an offer, from `starts` to `ends` (UTC); capacity 0 means that it is cancelled.

    Of its `capacity` places `taken` are assigned and `promised` are reserved for promoted orders. `waiting` is the number of
    waiting orders; `queued` counts all orders that ever joined the waiting list, and so gives the next number.
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
        """The slot; raises `unknown_slot`."""
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
        """The slot, if it is not cancelled; raises `unknown_slot`, `slot_cancelled`."""
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
    def put(cls, offer: str, slots: Iterable[matching.Slot], s: Session) -> None:
        """Adds the slots, or updates the values of existing ones."""
        for slot in slots:
            row = s.get(cls, (offer, slot.slot))
            if row is None:
                s.add(cls(offer=offer, **dict(slot), taken=0, promised=0, queued=0, waiting=0))
            else:
                row.starts, row.ends, row.place, row.capacity = (
                    slot.starts,
                    slot.ends,
                    slot.place,
                    slot.capacity,
                )

    @classmethod
    def delete_others(cls, offer: str, slots: Iterable[matching.Slot], s: Session) -> None:
        """Deletes the slots of a draft that are not in this list any more."""
        kept = {slot.slot for slot in slots}
        for row in cls.all_of(offer, s):
            if row.slot not in kept:
                s.delete(row)

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity
