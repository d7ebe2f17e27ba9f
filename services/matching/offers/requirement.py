"""The qualifications that an offer requires of the people who serve."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.services.matching.model import Base


class Requirement(Base):
    """Required qualifications (kind and name, sorted), which must be valid on the day of the service (I7)."""

    __tablename__ = "requirement"
    offer: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[list[Any]]

    @classmethod
    def of(cls, offer: str | None, s: Session) -> list[matching.Qualification]:
        """The requirements of the offer; empty if it has none."""
        row = s.get(cls, offer) if offer is not None else None
        return [] if row is None else [matching.Qualification.model_validate(one) for one in row.wanted]

    @classmethod
    def put(cls, offer: str, wanted: Iterable[matching.Qualification], s: Session) -> None:
        """Stores the requirements without repeats, replacing those of an earlier draft."""
        row, pairs = s.get(cls, offer), sorted({(one.kind, one.name) for one in wanted})
        named = [{"kind": kind, "name": name} for kind, name in pairs]
        if row is not None:
            row.wanted = named
        elif named:
            s.add(cls(offer=offer, wanted=named))
