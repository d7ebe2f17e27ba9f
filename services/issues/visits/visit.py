"""The row of a visit (domain.md §2.4)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.ids import message_id
from microgov.contracts.issues import Contact, OpenVisitRound, VisitPlanned
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Entity, Said
from microgov.services.issues.model import Base


class Visit(Entity, Base):
    """A visit to one contact. `result` is `made`, or otherwise the result of the last attempt; `visitor` is the person who
    made the visit, and `person` the one who was met.
    """

    __tablename__ = "visit"
    CALLED = "Visit"
    round: Mapped[str] = mapped_column(index=True)
    contact: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    place: Mapped[str]
    state: Mapped[str]
    result: Mapped[str | None]
    attempts: Mapped[int]
    refusals: Mapped[int]
    planned_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    person: Mapped[str | None]
    visitor: Mapped[str | None]

    @classmethod
    def names(cls, m: Envelope[OpenVisitRound], count: int) -> list[str]:
        """Ids of the visits that the opening of a round plans, in the order of its contact list."""
        return [message_id(m.id, f"visit/{n}") for n in range(count)]

    @classmethod
    def plan(cls, id: str, round: str, contact: Contact, m: Envelope[OpenVisitRound], s: Session) -> Said:
        """Adds the visit to one contact of the list."""
        visit = cls.new(
            s,
            id,
            round=round,
            contact=contact.contact,
            kind=contact.kind,
            place=contact.place,
            state="planned",
            result=None,
            attempts=0,
            refusals=0,
            planned_at=m.recordedtime,
            made_at=None,
            person=None,
            visitor=None,
        )
        return visit.say(
            VisitPlanned(round=round, contact=contact.contact, kind=contact.kind, place=contact.place)
        )
