"""Organisations 社会组织 and other parties: filing, registration, stage and places (domain.md §1)."""

from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Entity, Life, Refused, Said, Transition
from microgov.services.chassis.reference_data import check_within
from microgov.services.matching.model import Base, Place

ACTIVE = "active"
_CHANGED = matching.OrganisationStageChanged

LIFE = Life(
    "organisation",
    "组织",
    {
        "applying": ("申请入孵", "applying"),
        "incubating": ("在孵", "incubating"),
        "active": ("运行中", "active"),
        "dormant": ("休眠", "dormant"),
        "closed": ("已注销", "closed"),
    },
    {
        ("applying", "incubating"): Transition("incubating", _CHANGED),
        ("applying", "closed"): Transition("closed", _CHANGED),
        ("incubating", "active"): Transition("active", _CHANGED),
        ("incubating", "dormant"): Transition("dormant", _CHANGED),
        ("incubating", "closed"): Transition("closed", _CHANGED),
        ("active", "dormant"): Transition("dormant", _CHANGED),
        ("active", "closed"): Transition("closed", _CHANGED),
        ("dormant", "incubating"): Transition("incubating", _CHANGED),
        ("dormant", "active"): Transition("active", _CHANGED),
        ("dormant", "closed"): Transition("closed", _CHANGED),
    },
    frozenset({"closed"}),
)


class OrganisationStage(Base):
    """The kind of an organisation and the stage of its incubation 孵化 (`state`).

    An organisation without a row has the kind `organisation`, is active, and serves no named enterprise, as all did before
    stages existed.
    """

    __tablename__ = "party"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    enterprises: Mapped[list[Any]]

    @classmethod
    def peek(cls, id: str, s: Session) -> "OrganisationStage":
        """The row for reading; without a row, one with the defaults that is not stored."""
        return s.get(cls, id) or cls(id=id, kind="organisation", state=ACTIVE, enterprises=[])

    @classmethod
    def file(cls, m: Envelope[matching.FileOrganisation], s: Session) -> None:
        d = m.data
        if (d.kind, d.stage, d.enterprises) != (None, None, None):
            kind, state = d.kind or "organisation", d.stage or ACTIVE
            s.add(cls(id=m.subject, kind=kind, state=state, enterprises=d.enterprises or []))


class Organisation(Entity, Base):
    """A filed organisation: the places it serves and its representatives."""

    __tablename__ = "organisation"
    CALLED = "Organisation"
    name: Mapped[str]
    status: Mapped[str]
    domains: Mapped[list[Any]]
    places: Mapped[list[Any]]
    representatives: Mapped[list[Any]]

    @classmethod
    def file(cls, m: Envelope[matching.FileOrganisation], s: Session) -> Said:
        """Files the organisation 备案."""
        d = m.data
        for place in d.places:
            check_within(s, Place, place, m, "data.places")
        for enterprise in d.enterprises or ():
            cls.find(s, enterprise, "data.enterprises")
        row = cls.new(
            s,
            m.subject,
            name=d.name,
            status=d.status,
            domains=d.domains,
            places=d.places,
            representatives=sorted(set(d.representatives)),
        )
        OrganisationStage.file(m, s)
        filed = matching.OrganisationFiled.model_validate({**dict(d), "representatives": row.representatives})
        return row.say(filed)

    def register(self, m: Envelope[matching.RegisterOrganisation], s: Session) -> Said:
        """Registers a filed organisation 登记."""
        self._check_scope(m, s)
        if self.status == "registered":
            raise Refused(
                "already_registered",
                f"{self.name} 已登记，无须再登记。",
                f"{self.name} is registered already; there is nothing left to do.",
            )
        self.status = "registered"
        return self.say(matching.OrganisationRegistered())

    def change_stage(self, m: Envelope[matching.ChangeOrganisationStage], s: Session) -> Said:
        """Moves the organisation to another stage of incubation 孵化."""
        self._check_scope(m, s)
        party = OrganisationStage.peek(self.id, s)
        before = party.state
        LIFE.check(party, m.data.stage, m, s)
        if s.get(OrganisationStage, self.id) is None:
            s.add(party)
        LIFE.moved_by(party, m.data.stage, m, s)
        changed = {"before": before, "stage": party.state, "reason": m.data.reason}
        return self.say(matching.OrganisationStageChanged.model_validate(changed))

    def _check_scope(self, m: AnyMessage, s: Session) -> None:
        """Checks that all places of the organisation lie within the sender's scope."""
        for place in self.places:
            check_within(s, Place, place, m)

    def check_acts(self, m: AnyMessage) -> None:
        """Raises `not_your_organisation` if the sender is not one of its representatives."""
        if m.authid not in self.representatives:
            raise Refused(
                "not_your_organisation",
                f"您不是 {self.name} 的代表。请由该组织登记的代表办理。",
                f"You do not act for {self.name}. One of its filed representatives does this.",
                "authid",
            )

    def check_works(self, s: Session, field: str) -> None:
        """Raises `organisation_not_working` if it is dormant or closed: it makes no new offers and gets no new
        assignments.
        """
        state = OrganisationStage.peek(self.id, s).state
        if state in ("dormant", "closed"):
            zh, en = LIFE.states[state]
            raise Refused(
                "organisation_not_working",
                f"{self.name} 现为“{zh}”，不接新单、不出新单。请另选组织，或先恢复运行。",
                f"{self.name} is {en}: it takes no new work and posts no offers. Choose another, or revive it first.",
                field,
            )

    def check_serves(self, place: str, s: Session) -> None:
        """Raises `organisation_not_there` if it does not serve the place."""
        row = s.get(Place, place)
        if row is None or not set(row.path) & set(self.places):
            raise Refused(
                "organisation_not_there",
                f"{self.name} 的备案服务范围不含 {place}。请另选组织。",
                f"{self.name} is not filed to serve {place}. Choose another organisation.",
                "data.organisation",
            )
