"""Dual-worker teams 双工: a social worker leads, volunteers assist (domain.md §3.2, I6)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.directory import RoleGranted, RoleRevoked
from contracts.fields import Role
from contracts.message import Envelope
from services.chassis.model import AnyMessage, Refused
from services.matching.model import Base, Place
from services.matching.orders import Order

LEADS = Role.SOCIAL_WORKER


class Leader(Base):
    """Somebody is a social worker at a place, until a time or for good."""

    __tablename__ = "leader"
    person: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]

    @classmethod
    def granted(cls, m: Envelope[RoleGranted], s: Session) -> None:
        """What the directory said, where it concerns who may lead."""
        d, row = m.data, s.get(cls, (m.data.person, m.data.place))
        if d.role != LEADS:
            return
        if row is None:
            s.add(cls(person=d.person, place=d.place, until=d.until))
        else:
            row.until = d.until

    @classmethod
    def revoked(cls, m: Envelope[RoleRevoked], s: Session) -> None:
        row = s.get(cls, (m.data.person, m.data.place))
        if row is not None and m.data.role == LEADS:
            s.delete(row)

    @classmethod
    def leads(cls, person: str, place: str, at: datetime, s: Session) -> bool:
        """Whether they are a social worker there, or for what lies around it."""
        rows = (s.get(cls, (person, one)) for one in s.get_one(Place, place).path)
        return any(row is not None and (row.until is None or at < row.until) for row in rows)


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
    if not Leader.leads(person, order.place, m.recordedtime, s):
        raise Refused(
            "not_a_social_worker",
            f"{person} 不是当地的社工，不能带队。请邀约社工带队。",
            f"{person} is no social worker there and cannot lead. Ask a social worker to lead.",
            "data.person",
        )
