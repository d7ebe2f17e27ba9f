"""The roles that people hold at places, as far as this service needs them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.fields import Role
from microgov.contracts.message import Envelope
from microgov.services.matching.model import Base, Place

KEPT = frozenset({Role.SOCIAL_WORKER, Role.PARTY_MEMBER, Role.DASAO, Role.LANDLORD})
"""The roles that are stored: social workers, who lead dual-worker teams, and the three roles of care teams."""


class RoleHolding(Base):
    """A role of a person at a place, until a time (UTC), or without end if `until` is None."""

    __tablename__ = "standing"
    person: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]

    @classmethod
    def granted(cls, m: Envelope[RoleGranted], s: Session) -> None:
        """Stores a granted role, or its new end."""
        d, row = m.data, s.get(cls, (m.data.person, m.data.role, m.data.place))
        if d.role not in KEPT:
            return
        if row is None:
            s.add(cls(person=d.person, role=d.role, place=d.place, until=d.until))
        else:
            row.until = d.until

    @classmethod
    def revoked(cls, m: Envelope[RoleRevoked], s: Session) -> None:
        """Removes a revoked role."""
        row = s.get(cls, (m.data.person, m.data.role, m.data.place))
        if row is not None:
            row.until = m.recordedtime  # also for code in this batch that still has the row
            s.delete(row)

    @classmethod
    def holds(cls, person: str, role: str, place: str, at: datetime, s: Session) -> bool:
        """Whether the person holds the role at the place or above it at that time."""
        return any(row.until is None or at < row.until for row in cls._around(person, role, place, s))

    @classmethod
    def until_of(cls, person: str, role: str, place: str, s: Session) -> datetime | None:
        """When (UTC) the person stops holding the role at the place or above it; None if never, or if they do not hold
        it.
        """
        untils = [row.until for row in cls._around(person, role, place, s)]
        ends = [until for until in untils if until is not None]
        return max(ends) if ends and len(ends) == len(untils) else None

    @classmethod
    def _around(cls, person: str, role: str, place: str, s: Session) -> list["RoleHolding"]:
        """The person's rows for this role at the place and above it."""
        rows = (s.get(cls, (person, role, one)) for one in s.get_one(Place, place).path)
        return [row for row in rows if row is not None]
