"""The tables of the directory, and the kept tables of the door and the courier."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import directory
from microgov.contracts.message import Envelope, plain
from microgov.services.chassis.columns import FoldedBase, KeptBase
from microgov.services.chassis.model import Entity, Refused, Said
from microgov.services.chassis.reference_data import PlaceRow, check_within

WRITER = "gateway"
"""The writer name under which the door writes what it accepts into the log."""


class Base(FoldedBase):
    """Base of the tables that the fold `directory` writes."""

    __abstract__ = True


class Kept(KeptBase):
    """Base of the kept tables of door and courier."""

    __abstract__ = True


class Place(PlaceRow, Base):
    """A place. Only a sub-district may have no parent."""

    version: Mapped[int]

    @classmethod
    def define(cls, m: Envelope[directory.DefinePlace], s: Session) -> Said:
        path = [m.subject, *cls._above(m, s)]
        row = s.get(cls, m.subject)
        if row is None:
            row = cls(id=m.subject, name=m.data.name, path=path, version=0)
            s.add(row)
        if row.path != path:
            raise Refused(
                "place_moved",
                f"{m.subject} 已在别处。地点不能移动，请另设一个。",
                f"{m.subject} stands elsewhere; places do not move. Define another one.",
                "data.parent",
            )
        row.name, row.version = m.data.name, row.version + 1
        defined = directory.PlaceDefined(kind=m.data.kind, name=m.data.name, path=path, pin=m.data.pin)
        return Said(defined, m.subject, row.version)

    @classmethod
    def _above(cls, m: Envelope[directory.DefinePlace], s: Session) -> list[str]:
        parent = m.data.parent
        if parent is None:
            if m.data.kind != "sub_district":
                raise Refused(
                    "parent_missing",
                    "只有街道可以没有上级。请填写 data.parent。",
                    "Only a sub-district has no parent. Name it in data.parent.",
                    "data.parent",
                )
            return []
        check_within(s, cls, parent, m, "data.parent")
        found = s.get(cls, parent)
        return list(found.path) if found is not None else []


class Person(Entity, Base):
    """A person: an opaque reference, with household, place and language."""

    __tablename__ = "person"
    CALLED = "Person"
    household: Mapped[str]
    place: Mapped[str]
    language: Mapped[str]

    @classmethod
    def register(cls, m: Envelope[directory.RegisterPerson], s: Session) -> Said:
        """Registers a person. Registering again changes household, place and language."""
        check_within(s, Place, m.data.place, m, "data.place")
        row = s.get(cls, m.subject)
        if row is None:
            row = cls.new(
                s, m.subject, household=m.data.household, place=m.data.place, language=m.data.language
            )
        row.household, row.place, row.language = m.data.household, m.data.place, m.data.language
        return row.say(
            directory.PersonRegistered(
                person=row.id, household=row.household, place=row.place, language=m.data.language
            )
        )


class GrantedRole(Base):
    """A role that a person has at a place, until a time (UTC) or without end (None)."""

    __tablename__ = "role"
    person: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]

    @classmethod
    def grant(cls, m: Envelope[directory.GrantRole], s: Session) -> Said:
        person = Person.find(s, m.subject)
        check_within(s, Place, m.data.place, m, "data.place")
        row = s.get(cls, (person.id, m.data.role.value, m.data.place))
        if row is None:
            s.add(cls(person=person.id, role=m.data.role.value, place=m.data.place, until=m.data.until))
        else:
            row.until = m.data.until
        return person.say(
            directory.RoleGranted(person=person.id, role=m.data.role, place=m.data.place, until=m.data.until)
        )

    @classmethod
    def revoke(cls, m: Envelope[directory.RevokeRole], s: Session) -> Said:
        person = Person.find(s, m.subject)
        check_within(s, Place, m.data.place, m, "data.place")
        row = s.get(cls, (person.id, m.data.role.value, m.data.place))
        if row is None:
            raise Refused(
                "role_not_held",
                f"{person.id} 在 {m.data.place} 没有角色 {m.data.role}。请核对。",
                f"{person.id} does not hold the role {m.data.role} at {m.data.place}. Check both.",
                "data.role",
            )
        s.delete(row)
        return person.say(directory.RoleRevoked(person=person.id, role=m.data.role, place=m.data.place))


class Grant(Entity, Base):
    """A publisher's grant: which types it may send (`types`), in which roles, for whom, and of which types of events it gets
    copies (`follows`). "*" stands for all types.
    """

    __tablename__ = "publisher"
    CALLED = "Grant"
    types: Mapped[list[Any]]
    follows: Mapped[list[Any]]
    roles: Mapped[list[Any]]
    speaks_for: Mapped[str]
    in_force: Mapped[bool]

    @classmethod
    def grant(cls, m: Envelope[directory.GrantPublisher], s: Session) -> Said:
        values = {
            "types": m.data.types,
            "follows": m.data.follows,
            "roles": [r.value for r in m.data.roles],
            "speaks_for": m.data.speaks_for,
            "in_force": True,
        }
        row = s.get(cls, m.subject) or cls.new(s, m.subject, **values)
        for name, value in values.items():
            setattr(row, name, value)
        return row.say(
            directory.PublisherGranted(
                publisher=row.id,
                types=m.data.types,
                follows=m.data.follows,
                roles=m.data.roles,
                speaks_for=m.data.speaks_for,
            )
        )

    @classmethod
    def withdraw(cls, m: Envelope[directory.WithdrawPublisher], s: Session) -> Said:
        row = cls.find(s, m.subject)
        row.in_force = False
        return row.say(directory.PublisherWithdrawn(publisher=row.id))


class Rule(Base):
    """A section of the rules as it is in force."""

    __tablename__ = "rule"
    section: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]]

    @classmethod
    def change(cls, m: Envelope[directory.ChangeRules], s: Session) -> Said:
        section, content = m.data.content.section, plain(m.data.content)
        if m.subject != section:
            raise Refused(
                "wrong_section",
                f"subject 应为规则的节名“{section}”。",
                f"The subject must be the name of the section, {section}.",
            )
        row = s.get(cls, section)
        if row is None:
            row = cls(section=section, version=0, content=content)
            s.add(row)
        row.version, row.content = row.version + 1, content
        return Said(
            directory.RulesChanged(section=section, version=row.version, content=m.data.content),
            section,
            row.version,
        )


class Seen(Kept):
    """A message of a publisher that was accepted, by the publisher's own message id. If it is sent again, the first receipt
    is repeated. `log_seq` is 0 until the courier has found the message in the log. Rows are kept as long as the log.
    """

    __tablename__ = "seen"
    publisher: Mapped[str] = mapped_column(primary_key=True)
    publisherid: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str]
    log_seq: Mapped[int]


class Matter(Kept):
    """The publisher follows the entity, because its command began it, and so gets copies of the entity's events."""

    __tablename__ = "matter"
    entity: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    publisher: Mapped[str] = mapped_column(primary_key=True)


class Attempted(Kept):
    """A rejected attempt at administration (roles, grants, rules, …) by a sender without the right to do so."""

    __tablename__ = "attempt"
    n: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    publisher: Mapped[str]
    publisherid: Mapped[str]
    person: Mapped[str | None]
    role: Mapped[str | None]
    type: Mapped[str]
    subject: Mapped[str | None]
    code: Mapped[str]
    about: Mapped[str]


class DoorClock(Kept):
    """The time of a simulated clock at the door, in microseconds since 1970 (UTC)."""

    __tablename__ = "door_clock"
    one: Mapped[int] = mapped_column(primary_key=True)
    now: Mapped[int]
