"""Rounds of visits. The contact list 联系清单 is frozen when a round opens; the coverage is the share of it that was
visited.
"""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session

from microgov.contracts.issues import Contact, OpenVisitRound, VisitRoundOpened
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Entity, Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.refusals import undefined_place
from microgov.services.issues.model import Base, Place
from microgov.services.issues.visits.visit import Visit


class VisitRound(Entity, Base):
    """A round of visits to `contacts` households and enterprises.

    `made`, `refused` and `no_answer` count its visits by their last result; `closed` counts closed visits.
    """

    __tablename__ = "visit_round"
    CALLED = "VisitRound"
    title: Mapped[str]
    place: Mapped[str]
    opened_by: Mapped[str]
    contacts: Mapped[int]
    made: Mapped[int]
    refused: Mapped[int]
    no_answer: Mapped[int]
    closed: Mapped[int]

    @classmethod
    def open(cls, m: Envelope[OpenVisitRound], s: Session) -> Iterator[Said]:
        """Opens the round and plans a visit for each contact on its list."""
        d = m.data
        check_within(s, Place, d.place, m, "data.place")
        for n, contact in enumerate(d.contacts):
            _check_inside(contact, d.place, f"data.contacts.{n}.place", s)
        _check_no_contact_twice(d.contacts)
        round = cls.new(
            s,
            m.subject,
            title=d.title,
            place=d.place,
            opened_by=m.authid,
            contacts=len(d.contacts),
            made=0,
            refused=0,
            no_answer=0,
            closed=0,
        )
        households = sum(one.kind == "household" for one in d.contacts)
        yield round.say(
            VisitRoundOpened(
                title=d.title, place=d.place, households=households, enterprises=len(d.contacts) - households
            )
        )
        for id, contact in zip(Visit.names(m, len(d.contacts)), d.contacts, strict=True):
            yield Visit.plan(id, round.id, contact, m, s)

    def change_result(self, before: str | None, after: str) -> None:
        """Updates the counters when the result of a visit changes from `before` to `after`."""
        for result, step in ((before, -1), (after, 1)):
            if result is not None:
                setattr(self, result, getattr(self, result) + step)


def _check_inside(contact: Contact, place: str, field: str, s: Session) -> None:
    """Raises `unknown_place` or `outside_round` for a contact that is not inside the place of the round."""
    row = s.get(Place, contact.place)
    if row is None:
        raise undefined_place(contact.place, field)
    if place not in row.path:
        raise Refused(
            "outside_round",
            f"{contact.place} 不在走访范围 {place} 之内。请从清单中删去 {contact.contact}。",
            f"{contact.place} is not inside {place}, where the round is. Leave {contact.contact} out.",
            field,
        )


def _check_no_contact_twice(contacts: list[Contact]) -> None:
    """Raises `contact_twice` if a contact is on the list twice."""
    seen: set[tuple[str, str]] = set()
    for n, one in enumerate(contacts):
        if (one.kind, one.contact) in seen:
            raise Refused(
                "contact_twice",
                f"{one.contact} 在清单中出现了两次。请只保留一次。",
                f"{one.contact} stands on the list twice. Keep it once.",
                f"data.contacts.{n}.contact",
            )
        seen.add((one.kind, one.contact))
