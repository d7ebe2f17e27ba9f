"""Qualifications 资质 of providers; a required one must be valid on the day of the service (domain.md §3.1, I7)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.contracts.rules import CalendarRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.times import moved
from microgov.services.matching.model import Base, Person, Place, rules_in_force
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.registry.providers import LIFE, Provider

Key = tuple[str, str, str]


class Qualified(Base):
    """A verified qualification; `valid_until` is its last day (local date, ISO), or None if it does not end."""

    __tablename__ = "qualification"
    person: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    valid_until: Mapped[str | None]
    verified_by: Mapped[str]

    @classmethod
    def verify(cls, m: Envelope[matching.VerifyQualification], s: Session) -> Said:
        """Verifies a qualification, or renews it. Nobody may verify their own qualification."""
        d, provider = m.data, Provider.find(s, m.subject)
        key = _key(provider, m, s)
        LIFE.move(provider, m, s)
        row = s.get(cls, key)
        if row is None:
            row = cls(person=key[0], kind=key[1], name=key[2], valid_until=None, verified_by=m.authid)
            s.add(row)
        row.valid_until, row.verified_by = d.valid_until, m.authid
        return provider.say(
            matching.QualificationVerified(
                person=provider.id,
                qualification=d.qualification,
                valid_until=d.valid_until,
                verified_by=m.authid,
            )
        )

    @classmethod
    def revoke(cls, m: Envelope[matching.RevokeQualification], s: Session) -> Said:
        d, provider = m.data, Provider.find(s, m.subject)
        row = s.get(cls, _key(provider, m, s))
        if row is None:
            raise Refused(
                "not_verified",
                f"{provider.id} 没有资质“{d.qualification.name}”。请核对名称。",
                f"{provider.id} has no qualification {d.qualification.name}. Check its name.",
                "data.qualification",
            )
        LIFE.move(provider, m, s)
        s.delete(row)
        return provider.say(
            matching.QualificationRevoked(person=provider.id, qualification=d.qualification, reason=d.reason)
        )

    @classmethod
    def of(cls, person: str, s: Session) -> list["Qualified"]:
        """All qualifications of a person, by kind and name."""
        return list(s.scalars(select(cls).where(cls.person == person).order_by(cls.kind, cls.name)))


def _key(provider: Provider, m: AnyMessage, s: Session) -> Key:
    """The key of the named qualification, after a check of the sender's scope; raises `verifies_own`."""
    check_within(s, Place, Person.named(provider.id, s, "subject").place, m)
    if m.authid == provider.id:
        raise Refused(
            "verifies_own",
            "不能核验自己的资质。请由他人核验。",
            "Nobody verifies a qualification of their own. Have a colleague do it.",
            "authid",
        )
    return qualified_by(m)


def qualified_by(m: AnyMessage) -> Key:
    """The key of the qualification that a command names."""
    return m.subject, m.data.qualification.kind, m.data.qualification.name


def check_qualified(offer: str | None, at: datetime, person: str, field: str, s: Session) -> None:
    """Raises `not_qualified` if the person lacks, on the local day of `at`, a qualification that the offer requires (I7)."""
    wanted = Requirement.of(offer, s)
    day = _day(at, s) if wanted else ""
    for one in wanted:
        if not _has(person, one, day, s):
            raise Refused(
                "not_qualified",
                f"{person} 在 {day} 没有有效的资质“{one.name}”。请另选人员，或先核验此资质。",
                f"{person} has no {one.kind} {one.name} that is valid on {day}. "
                "Ask somebody else, or have it verified first.",
                field,
            )


def last_moment(slot: Slot | None, m: AnyMessage) -> datetime:
    """The last moment of the service: the end of its slot, or now without a slot."""
    return moved(slot.ends, -timedelta(microseconds=1)) if slot is not None else m.recordedtime


def _has(person: str, wanted: matching.Qualification, day: str, s: Session) -> bool:
    """Whether the registered provider has it on that day. A language may be claimed; all else must be verified."""
    provider, row = s.get(Provider, person), s.get(Qualified, (person, wanted.kind, wanted.name))
    if provider is None or provider.state != "registered":
        return False
    if row is not None and (row.valid_until is None or row.valid_until >= day):
        return True
    return wanted.kind == "language" and wanted.name in provider.languages


def _day(at: datetime, s: Session) -> str:
    """The local date at that instant, ISO."""
    offset = timedelta(minutes=rules_in_force(s, CalendarRules).utc_offset_minutes)
    return moved(at, offset).date().isoformat()
