"""Roles that the directory has granted; they decide in which class a person may attend a session (domain.md §1)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.message import Envelope
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.model import Base

MOST_CALLED = 500


class RoleHolding(Base):
    """A role of a person at a place, until a time (UTC), or without end if `until` is None."""

    __tablename__ = "standing"
    place: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]

    @classmethod
    def grant(cls, m: Envelope[RoleGranted], s: Session) -> None:
        """Stores a granted role, or its new end."""
        d = m.data
        row = s.get(cls, (d.place, d.role, d.person))
        if row is None:
            s.add(cls(person=d.person, role=d.role, place=d.place, until=d.until))
        else:
            row.until = d.until

    @classmethod
    def revoke(cls, m: Envelope[RoleRevoked], s: Session) -> None:
        """Removes a revoked role."""
        d = m.data
        row = s.get(cls, (d.place, d.role, d.person))
        if row is not None:
            s.delete(row)

    @classmethod
    def holds(cls, person: str, role: str, path: Sequence[str], at: datetime, s: Session) -> bool:
        """Whether the person holds the role at one of the places of `path` at that time."""
        rows = (s.get(cls, (place, role, person)) for place in path)
        return any(row is not None and row.lasts(at) for row in rows)

    @classmethod
    def called(cls, roles: Sequence[str], path: Sequence[str], at: datetime, s: Session) -> list[str]:
        """Up to 500 persons, by id, who hold one of the roles at one of the places at that time."""
        rows = rows_under(s, cls, *((place, role) for place in path for role in roles))
        return sorted({row.person for row in rows if row.lasts(at)})[:MOST_CALLED]

    def lasts(self, at: datetime) -> bool:
        """Whether the role has not ended at that time."""
        return self.until is None or self.until > at
