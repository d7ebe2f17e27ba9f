"""Standing councils 议事协商会 and their seats 议席, by class and term (domain.md §2.3)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import (
    CouncilFormed,
    FormCouncil,
    MemberSeated,
    SeatMember,
    SeatVacated,
    UnseatMember,
)
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Entity, Guard, Life, Refused, Said, Transition
from microgov.services.chassis.reference_data import check_within
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.model import Base, Deadline, Place

KIND = "consultative_council"
TERM = "term"
"""Kind of the deadline at which the term of a seat ends."""

TERM_ENDS_LATER = Guard(
    "term_over",
    "任期须在将来结束。请填写将来的日期。",
    "A term ends in the future. Name a day to come.",
    lambda seat, m, s: m.data.until > m.recordedtime,
    "data.until",
)

LIFE = Life(
    "seat",
    "议席",
    {"seated": ("在任", "taken"), "vacated": ("已空缺", "vacated")},
    {
        (None, SeatMember): Transition("seated", MemberSeated, (TERM_ENDS_LATER,)),
        ("seated", UnseatMember): Transition("vacated", SeatVacated),
        ("seated", TERM): Transition("vacated", SeatVacated),
    },
    frozenset({"vacated"}),
)


class Council(Entity, Base):
    """A council with its current number of `members`."""

    __tablename__ = "council"
    CALLED = "Council"
    place: Mapped[str]
    name: Mapped[str]
    members: Mapped[int]

    @classmethod
    def form(cls, m: Envelope[FormCouncil], s: Session) -> Said:
        """Forms a council of the place, without members."""
        check_within(s, Place, m.data.place, m, "data.place")
        council = cls.new(s, m.subject, place=m.data.place, name=m.data.name, members=0)
        return council.say(CouncilFormed(place=council.place, name=council.name))

    @classmethod
    def of_place(cls, id: str, place: str, s: Session) -> "Council":
        """The council, if the place lies within its own place; raises `wrong_council`."""
        council = cls.find(s, id, "data.council")
        if council.place not in s.get_one(Place, place).path:
            raise Refused(
                "wrong_council",
                f"协商会 {id} 不负责 {place} 的事项。请召集该处的协商会。",
                f"What lies at {place} is not the business of the council {id}. Convene the one that is there.",
                "data.council",
            )
        return council

    @classmethod
    def members_of(cls, id: str, s: Session) -> list[str]:
        """The persons who hold a seat now."""
        return list(
            s.scalars(
                select(Seat.person).where(Seat.council == id, Seat.state == "seated").order_by(Seat.person)
            )
        )


class Seat(Entity, Base):
    """The seat of one member in the class `role`, until the term ends at `until`."""

    __tablename__ = "seat"
    CALLED = "Seat"
    council: Mapped[str] = mapped_column(index=True)
    person: Mapped[str]
    role: Mapped[str]
    until: Mapped[datetime]
    state: Mapped[str]

    @classmethod
    def take(cls, m: Envelope[SeatMember], s: Session) -> Said:
        """Seats a member in a class to which the rules of procedure give a vote."""
        d, council = m.data, Council.find(s, m.data.council, "data.council")
        check_within(s, Place, council.place, m)
        _check_eligible(d, s)
        TERM_ENDS_LATER.check(None, m, s)
        seat = cls.new(
            s, m.subject, council=council.id, person=d.person, role=d.role, until=d.until, state="seated"
        )
        council.members += 1
        Deadline.put(s, TERM, seat.id, d.until)
        return seat.say(
            MemberSeated(
                council=council.id, person=d.person, role=d.role, until=d.until, members=council.members
            )
        )

    @classmethod
    def unseat(cls, m: Envelope[UnseatMember], s: Session) -> Said:
        """Vacates the seat before its term ends."""
        seat = cls.find(s, m.subject)
        council = Council.find(s, seat.council)
        check_within(s, Place, council.place, m)
        LIFE.move(seat, m, s)
        Deadline.drop(s, TERM, seat.id)
        return seat._vacated(council, m.data.reason)

    @classmethod
    def end(cls, m: Envelope[DeadlineReached], s: Session) -> list[Said]:
        """Deadline: the term is over and the seat is vacated."""
        seat = cls.find(s, m.data.entity)
        if not LIFE.allows(seat.state, TERM):
            return []
        LIFE.moved_by(seat, TERM, m, s)
        return [seat._vacated(Council.find(s, seat.council), None)]

    def _vacated(self, council: Council, reason: str | None) -> Said:
        council.members -= 1
        return self.say(
            SeatVacated(council=council.id, person=self.person, members=council.members, reason=reason)
        )

    @classmethod
    def sits(cls, council: str, person: str, role: str, s: Session) -> bool:
        """Whether the person holds a seat of this class now."""
        taken = select(cls.id).where(cls.council == council, cls.person == person, cls.state == "seated")
        return s.scalars(taken.where(cls.role == role)).first() is not None


def _check_eligible(d: SeatMember, s: Session) -> None:
    """Raises `not_invited` for a class without a vote, `already_seated` for a member."""
    classes = [one.role for one in procedure(s, KIND, "subject").invited if one.votes]
    if d.role not in classes:
        raise Refused(
            "not_invited",
            f"按议事规则，协商会成员须为：{'、'.join(classes)}。请修改。",
            f"By the rules of procedure its members are of these classes: {', '.join(classes)}. Change the role.",
            "data.role",
        )
    if d.person in Council.members_of(d.council, s):
        raise Refused(
            "already_seated",
            f"{d.person} 已是协商会 {d.council} 的成员。",
            f"{d.person} sits in the council {d.council} already.",
            "data.person",
        )
