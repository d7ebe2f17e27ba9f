"""What all of the service's rows stand on: its base, its copy of the house, and the people who live there."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.directory import PersonRegistered
from contracts.message import Envelope
from services.chassis.columns import FoldedBase
from services.chassis.house import PlaceRow, RuleRow
from services.chassis.model import DeadlineRow, Refused


class Base(FoldedBase):
    """Folded tables of the service matching."""

    __abstract__ = True


class Place(PlaceRow, Base):
    pass


class Rule(RuleRow, Base):
    pass


class Deadline(DeadlineRow, Base):
    pass


class Person(Base):
    """Somebody registered, and where they live."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]

    @classmethod
    def register(cls, m: Envelope[PersonRegistered], s: Session) -> None:
        """Keeps the service's copy of what the directory said."""
        row = s.get(cls, m.data.person)
        if row is None:
            s.add(cls(id=m.data.person, place=m.data.place))
        else:
            row.place = m.data.place

    @classmethod
    def named(cls, id: str, s: Session, field: str) -> "Person":
        """The person, or the refusal `not_registered`."""
        row = s.get(cls, id)
        if row is None:
            raise Refused(
                "not_registered",
                f"{id} 尚未登记。请先由街道办登记此人。",
                f"{id} is not registered. Have the office register the person first.",
                field,
            )
        return row
