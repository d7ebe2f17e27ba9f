"""Who holds which role, and dual-worker teams 双工: a social worker leads, volunteers assist (domain.md §3.2, I6)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.directory import RoleGranted, RoleRevoked
from contracts.fields import Role
from contracts.message import Envelope
from services.chassis.model import AnyMessage, Refused
from services.matching.model import Base, Place
from services.matching.orders.order import Order

KEPT = frozenset({Role.SOCIAL_WORKER, Role.PARTY_MEMBER, Role.DASAO, Role.LANDLORD})
"""Those who lead, and those whom a care team needs."""


class Standing(Base):
    """Somebody holds a role at a place, until a time or for good; of the roles that decide something here."""

    __tablename__ = "standing"
    person: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]

    @classmethod
    def granted(cls, m: Envelope[RoleGranted], s: Session) -> None:
        """What the directory said."""
        d, row = m.data, s.get(cls, (m.data.person, m.data.role, m.data.place))
        if d.role not in KEPT:
            return
        if row is None:
            s.add(cls(person=d.person, role=d.role, place=d.place, until=d.until))
        else:
            row.until = d.until

    @classmethod
    def revoked(cls, m: Envelope[RoleRevoked], s: Session) -> None:
        """And what it took back."""
        row = s.get(cls, (m.data.person, m.data.role, m.data.place))
        if row is not None:
            row.until = m.recordedtime  # also for whoever asks before it is gone
            s.delete(row)

    @classmethod
    def holds(cls, person: str, role: str, place: str, at: datetime, s: Session) -> bool:
        """Whether they hold the role there, or for what lies around it."""
        return any(row.until is None or at < row.until for row in cls._around(person, role, place, s))

    @classmethod
    def until_of(cls, person: str, role: str, place: str, s: Session) -> datetime | None:
        """When they hold it there no more; None: never, or they do not hold it."""
        untils = [row.until for row in cls._around(person, role, place, s)]
        ends = [until for until in untils if until is not None]
        return max(ends) if ends and len(ends) == len(untils) else None

    @classmethod
    def _around(cls, person: str, role: str, place: str, s: Session) -> list["Standing"]:
        rows = (s.get(cls, (person, role, one)) for one in s.get_one(Place, place).path)
        return [row for row in rows if row is not None]


def of_the_duty(order: Order, person: str, duty: str | None, m: AnyMessage, s: Session) -> None:
    """Refuses a lead where none is wanted, and one who is no social worker there."""
    if duty != "lead":
        return
    if not order.lead:
        raise Refused(
            "no_lead_wanted",
            f"点单 {order.id} 不是双工服务，无须带队。请按协助邀约，或由党支部按双工下单。",
            f"The order {order.id} was not assigned to a dual-worker team. Ask somebody to assist, or have the branch "
            "assign it with a lead.",
            "data.duty",
        )
    if not Standing.holds(person, Role.SOCIAL_WORKER, order.place, m.recordedtime, s):
        raise Refused(
            "not_a_social_worker",
            f"{person} 不是当地的社工，不能带队。请邀约社工带队。",
            f"{person} is no social worker there and cannot lead. Ask a social worker to lead.",
            "data.person",
        )
