"""Who holds which role, of those that decide something here."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.fields import Role
from microgov.contracts.message import Envelope
from microgov.services.matching.model import Base, Place

KEPT = frozenset({Role.SOCIAL_WORKER, Role.PARTY_MEMBER, Role.DASAO, Role.LANDLORD})
"""Those who lead, and those whom a care team needs."""


class RoleHolding(Base):
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
    def _around(cls, person: str, role: str, place: str, s: Session) -> list["RoleHolding"]:
        rows = (s.get(cls, (person, role, one)) for one in s.get_one(Place, place).path)
        return [row for row in rows if row is not None]
