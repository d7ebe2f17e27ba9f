"""Providers: people who serve, for organisations or alone, and their availability (domain.md §3.1)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.fields import Role
from microgov.contracts.message import Envelope, plain
from microgov.services.chassis.model import SAME, AnyMessage, Entity, Life, Refused, Said, Transition
from microgov.services.chassis.reference_data import check_within
from microgov.services.matching.model import Base, Person, Place
from microgov.services.matching.registry.organisations import Organisation

VOUCHING = frozenset({Role.OFFICE, Role.BRANCH, Role.SOCIAL_WORKER, Role.WOMENS_FEDERATION})

LIFE = Life(
    "provider",
    "服务者",
    {"registered": ("在册", "registered"), "withdrawn": ("已退出", "withdrawn")},
    {
        (None, matching.RegisterProvider): Transition("registered", matching.ProviderRegistered),
        ("registered", matching.RegisterProvider): Transition(SAME, matching.ProviderRegistered),
        ("withdrawn", matching.RegisterProvider): Transition("registered", matching.ProviderRegistered),
        ("registered", matching.WithdrawProvider): Transition("withdrawn", matching.ProviderWithdrawn),
        ("registered", matching.VerifyQualification): Transition(SAME, matching.QualificationVerified),
        ("registered", matching.RevokeQualification): Transition(SAME, matching.QualificationRevoked),
        ("registered", matching.SetAvailability): Transition(SAME, matching.AvailabilitySet),
        ("registered", matching.WithdrawAvailability): Transition(SAME, matching.AvailabilityWithdrawn),
    },
)


class Provider(Entity, Base):
    """A person (`id`) who serves; `organisations` is empty if they serve alone."""

    __tablename__ = "provider"
    CALLED = "Provider"
    state: Mapped[str]
    organisations: Mapped[list[Any]]
    roles: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    conflicts: Mapped[list[Any]]

    @classmethod
    def register(cls, m: Envelope[matching.RegisterProvider], s: Session) -> Said:
        """Registers a provider; registering again replaces organisations, roles, languages and conflicts."""
        d, row = m.data, s.get(cls, m.subject)
        Person.named(m.subject, s, "subject")
        _check_vouched(m, m.subject, d.organisations, s)
        if row is not None:
            LIFE.move(row, m, s)
        else:
            row = cls.new(s, m.subject, state="registered")
        row.organisations, row.roles, row.languages = d.organisations, _values(d), d.languages
        row.conflicts = d.conflicts or []
        return row.say(matching.ProviderRegistered.model_validate({**dict(d), "person": row.id}))

    def withdraw(self, m: Envelope[matching.WithdrawProvider], s: Session) -> Said:
        _check_vouched(m, self.id, self.organisations, s)
        LIFE.move(self, m, s)
        return self.say(matching.ProviderWithdrawn(person=self.id))

    def set_availability(self, m: Envelope[matching.SetAvailability], s: Session) -> Said:
        """Replaces the person's availability."""
        _check_vouched(m, self.id, self.organisations, s)
        for window in m.data.weekly:
            _check_window(window)
        LIFE.move(self, m, s)
        Availability.put(self.id, m.data.weekly, m.data.days_off, s)
        return self.say(
            matching.AvailabilitySet(person=self.id, weekly=m.data.weekly, days_off=m.data.days_off)
        )

    def withdraw_availability(self, m: Envelope[matching.WithdrawAvailability], s: Session) -> Said:
        _check_vouched(m, self.id, self.organisations, s)
        LIFE.move(self, m, s)
        Availability.put(self.id, [], [], s)
        return self.say(matching.AvailabilityWithdrawn(person=self.id))


class Availability(Base):
    """The availability of a person: weekly windows in minutes of the local day (section `calendar`), and days off (ISO
    dates).

    An empty week means that the person is not available until further notice. Without a row nothing is known, and the person
    may be asked.
    """

    __tablename__ = "availability"
    person: Mapped[str] = mapped_column(primary_key=True)
    weekly: Mapped[list[Any]]
    days_off: Mapped[list[Any]]

    @classmethod
    def put(cls, person: str, weekly: Iterable[matching.Weekly], days_off: list[str], s: Session) -> None:
        row, week = s.get(cls, person), [plain(window) for window in weekly]
        if row is None:
            s.add(cls(person=person, weekly=week, days_off=days_off))
        else:
            row.weekly, row.days_off = week, days_off


def check_not_in_conflict(person: str, beneficiary: str, s: Session) -> None:
    """Raises `conflict` if the person may not serve this beneficiary, or is the beneficiary."""
    row = s.get(Provider, person)
    if person == beneficiary or (row is not None and beneficiary in row.conflicts):
        raise Refused(
            "conflict",
            f"{person} 不宜为 {beneficiary} 服务。请另选人员。",
            f"{person} may not serve {beneficiary}. Ask somebody else.",
            "data.person",
        )


def _values(d: matching.RegisterProvider) -> list[str]:
    return [role.value for role in d.roles]


def _check_vouched(m: AnyMessage, person: str, organisations: list[str], s: Session) -> None:
    """Checks that the sender is staff of the person's place, a representative of all the organisations, or the person."""
    if m.role in VOUCHING:
        check_within(s, Place, Person.named(person, s, "subject").place, m)
        for organisation in organisations:
            Organisation.find(s, organisation, "data.organisations")
        return
    for organisation in organisations if m.role is Role.ORGANISATION else ():
        Organisation.find(s, organisation, "data.organisations").check_acts(m)
    if m.role is not Role.ORGANISATION or not organisations:
        _check_self(m, person)


def _check_self(m: AnyMessage, person: str) -> None:
    """Checks that the sender is the person, who may register only in the role that they have and for no organisation."""
    if m.authid != person:
        raise Refused(
            "not_yourself",
            f"只能由 {person} 本人、其组织的代表或社区工作人员办理。",
            f"{person}, who acts for an organisation of theirs, or staff of the place does this.",
            "authid",
        )
    if isinstance(m.data, matching.RegisterProvider) and (
        m.data.organisations or set(m.data.roles) != {m.role}
    ):
        raise Refused(
            "vouching_needed",
            "本人只能以现有身份、以个人名义登记。代表组织或其他身份的，请由该组织或社区登记。",
            "You register yourself in the role that you have, and by yourself. "
            "For an organisation, or in another role, have it or the community register you.",
            "data.organisations" if m.data.organisations else "data.roles",
        )


def _check_window(window: matching.Weekly) -> None:
    if window.to_minute <= window.from_minute:
        raise Refused(
            "window_invalid",
            f"星期 {window.weekday} 的时段，结束须晚于开始。请修改。",
            f"The window on weekday {window.weekday} ends after it begins. Change it.",
            "data.weekly",
        )
