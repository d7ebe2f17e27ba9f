"""The base class of the service's tables, its copies of places, pins, rules and persons, and its deadlines."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import PersonRegistered, PlaceDefined
from microgov.contracts.message import Envelope
from microgov.services.chassis import reference_data
from microgov.services.chassis.columns import FoldedBase
from microgov.services.chassis.deadline import DeadlineRow
from microgov.services.chassis.reference_data import PlaceRow, R, RuleRow
from microgov.services.chassis.refusals import not_registered


class Base(FoldedBase):
    """Folded tables of the service matching."""

    __abstract__ = True


class Place(PlaceRow, Base):
    @classmethod
    def learn(cls, m: Envelope[PlaceDefined], s: Session) -> None:
        """Stores the place and its pin on the map."""
        super().learn(m, s)
        Pin.learn(m, s)


class Rule(RuleRow, Base):
    pass


class Deadline(DeadlineRow, Base):
    pass


class Pin(Base):
    """The position of a place on a map, in millionths of a degree of the coordinate system `crs`. It is kept until the place
    is defined with another pin.
    """

    __tablename__ = "pin"
    place: Mapped[str] = mapped_column(primary_key=True)
    latitude: Mapped[int]
    longitude: Mapped[int]
    crs: Mapped[str]

    @classmethod
    def learn(cls, m: Envelope[PlaceDefined], s: Session) -> None:
        """Stores the pin from the directory's event, if it has one."""
        pin, row = m.data.pin, s.get(cls, m.subject)
        if pin is None:
            return
        if row is None:
            s.add(cls(place=m.subject, latitude=pin.latitude, longitude=pin.longitude, crs=pin.crs))
        else:
            row.latitude, row.longitude, row.crs = pin.latitude, pin.longitude, pin.crs


def rules_in_force(s: Session, section: type[R]) -> R:
    """The section of the rules in force, or its defaults."""
    return reference_data.rules_in_force(s, Rule, section)


class Person(Base):
    """A registered person, their household, and the place where they live."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    household: Mapped[str]

    @classmethod
    def register(cls, m: Envelope[PersonRegistered], s: Session) -> None:
        """Stores the person, or their new home, from the directory's event."""
        row = s.get(cls, m.data.person)
        if row is None:
            s.add(cls(id=m.data.person, place=m.data.place, household=m.data.household))
        else:
            row.place, row.household = m.data.place, m.data.household

    @classmethod
    def named(cls, id: str, s: Session, field: str) -> "Person":
        """The person with this id; raises `not_registered`."""
        row = s.get(cls, id)
        if row is None:
            raise not_registered(id, field)
        return row
