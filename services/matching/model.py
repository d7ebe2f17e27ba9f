"""What all of the service's rows stand on: its base, its copy of the house, and the people who live there."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import PersonRegistered, PlaceDefined
from microgov.contracts.message import Envelope
from microgov.services.chassis import reference_data
from microgov.services.chassis.columns import FoldedBase
from microgov.services.chassis.model import DeadlineRow, Refused
from microgov.services.chassis.reference_data import PlaceRow, R, RuleRow


class Base(FoldedBase):
    """Folded tables of the service matching."""

    __abstract__ = True


class Place(PlaceRow, Base):
    @classmethod
    def learn(cls, m: Envelope[PlaceDefined], s: Session) -> None:
        """The place, and its pin on the map."""
        super().learn(m, s)
        Pin.learn(m, s)


class Rule(RuleRow, Base):
    pass


class Deadline(DeadlineRow, Base):
    pass


class Pin(Base):
    """Where a place is on a map, in microdegrees of `crs`; it stays until the place is defined with another one."""

    __tablename__ = "pin"
    place: Mapped[str] = mapped_column(primary_key=True)
    latitude: Mapped[int]
    longitude: Mapped[int]
    crs: Mapped[str]

    @classmethod
    def learn(cls, m: Envelope[PlaceDefined], s: Session) -> None:
        """Keeps what the directory said of it."""
        pin, row = m.data.pin, s.get(cls, m.subject)
        if pin is None:
            return
        if row is None:
            s.add(cls(place=m.subject, latitude=pin.latitude, longitude=pin.longitude, crs=pin.crs))
        else:
            row.latitude, row.longitude, row.crs = pin.latitude, pin.longitude, pin.crs


def in_force(s: Session, section: type[R]) -> R:
    """The section, or its defaults."""
    return reference_data.in_force(s, Rule, section)


class Person(Base):
    """Somebody registered, their household, and where they live."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    household: Mapped[str]

    @classmethod
    def register(cls, m: Envelope[PersonRegistered], s: Session) -> None:
        """Keeps the service's copy of what the directory said."""
        row = s.get(cls, m.data.person)
        if row is None:
            s.add(cls(id=m.data.person, place=m.data.place, household=m.data.household))
        else:
            row.place, row.household = m.data.place, m.data.household

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
