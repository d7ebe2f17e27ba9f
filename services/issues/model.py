"""Base classes of the service's tables, its copies of places, rules and persons, its deadlines, and the keys of secret
ballots.
"""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import PersonRegistered
from microgov.contracts.issues import BallotClosed, BallotKeyMade, BallotToBeRepeated
from microgov.contracts.message import Envelope
from microgov.services.chassis import reference_data
from microgov.services.chassis.columns import FoldedBase, KeptBase
from microgov.services.chassis.deadline import DeadlineRow
from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.chassis.reference_data import PlaceRow, R, RuleRow
from microgov.services.chassis.refusals import not_registered


class Base(FoldedBase):
    """Folded tables of the service issues."""

    __abstract__ = True


class Kept(KeptBase):
    """Kept tables of the service issues: the private keys of secret ballots, the files of households."""

    __abstract__ = True


class Place(PlaceRow, Base):
    pass


class Rule(RuleRow, Base):
    pass


class Deadline(DeadlineRow, Base):
    pass


def rules_in_force(s: Session, section: type[R]) -> R:
    """The section of the rules in force, or its defaults."""
    return reference_data.rules_in_force(s, Rule, section)


class Person(Base):
    """A registered person: an opaque reference, their household, and the place where they live."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    household: Mapped[str]
    place: Mapped[str]

    @classmethod
    def register(cls, m: Envelope[PersonRegistered], s: Session) -> None:
        """Stores the person, or their new home, from the directory's event."""
        row = s.get(cls, m.data.person)
        if row is None:
            s.add(cls(id=m.data.person, household=m.data.household, place=m.data.place))
        else:
            row.household, row.place = m.data.household, m.data.place

    @classmethod
    def acting(cls, m: AnyMessage, s: Session) -> "Person":
        """The person for whom the command is sent; raises `not_registered`."""
        row = s.get(cls, m.beneficiary)
        if row is None:
            raise not_registered(m.beneficiary)
        return row

    def check_lives_in(self, place: str, s: Session) -> None:
        """Raises `not_a_resident` if the person's home is not inside the place."""
        home = s.get(Place, self.place)
        if home is None or place not in home.path:
            raise Refused(
                "not_a_resident",
                f"{self.id} 不住在 {place}。只有住在该处的人可以参加。",
                f"{self.id} does not live in {place}. Only those who live there take part.",
                "authid",
            )


class BallotKey(Kept):
    """The key pair of a secret ballot, kept until the fold has closed the ballot; `private` is 32 bytes.

    Anybody who can read this row can read every sealed vote of the ballot. Deleting the row does not at once remove it from
    disk: SQLite overwrites it in the file, but its write-ahead log keeps the old page until the page is reused; PostgreSQL
    keeps the dead row until a vacuum, and also in its write-ahead log as long as that is archived. No dated
    backup holds a key: one file beside them has those of open ballots, and loses them within a minute of the count.
    """

    __tablename__ = "ballot_key"
    __table_args__ = {  # noqa: RUF012  # SQLAlchemy reads a plain class attribute
        "info": {
            "kept_apart": True,
            "of": "ballot",
            "told_on": BallotKeyMade.TYPE,
            "over_on": (BallotClosed.TYPE, BallotToBeRepeated.TYPE),
        }
    }
    ballot: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    public: Mapped[str]
    private: Mapped[bytes]
