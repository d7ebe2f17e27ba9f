"""In which class somebody may come to a session: the roles that the directory gave them (domain.md §1)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.directory import RoleGranted, RoleRevoked
from services.issues.model import Base

MOST_CALLED = 500


class Standing(Base):
    """A role at a place, until a time or for good."""

    __tablename__ = "standing"
    __table_args__ = (Index("ix_standing_place_role", "place", "role"),)
    person: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]

    @classmethod
    def grant(cls, d: RoleGranted, s: Session) -> None:
        """From now on they hold it."""
        row = s.get(cls, (d.person, d.role, d.place))
        if row is None:
            s.add(cls(person=d.person, role=d.role, place=d.place, until=d.until))
        else:
            row.until = d.until

    @classmethod
    def revoke(cls, d: RoleRevoked, s: Session) -> None:
        """They hold it no more."""
        row = s.get(cls, (d.person, d.role, d.place))
        if row is not None:
            s.delete(row)

    @classmethod
    def holds(cls, person: str, role: str, path: Sequence[str], at: datetime, s: Session) -> bool:
        """Whether they hold the role at one of these places then."""
        rows = (s.get(cls, (person, role, place)) for place in path)
        return any(row is not None and (row.until is None or at < row.until) for row in rows)

    @classmethod
    def called(cls, roles: Sequence[str], path: Sequence[str], at: datetime, s: Session) -> list[str]:
        """Who holds one of the roles at one of these places then, by person, 500 at most."""
        return list(s.scalars(_CALLED, {"roles": list(roles), "path": list(path), "at": at}))


_CALLED = (
    select(Standing.person)
    .where(
        Standing.role.in_(bindparam("roles", expanding=True)),
        Standing.place.in_(bindparam("path", expanding=True)),
        or_(Standing.until.is_(None), Standing.until > bindparam("at")),
    )
    .distinct()
    .order_by(Standing.person)
    .limit(MOST_CALLED)
)
