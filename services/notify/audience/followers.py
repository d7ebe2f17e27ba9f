"""Stores who follows which matter, from events, so that notices find their recipients."""

from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import (
    CosignWithdrawn,
    CouncilFormed,
    IssueCosigned,
    IssuePassedOn,
    IssueSubmitted,
    OptionProposed,
    VisitRoundOpened,
)
from microgov.contracts.matching import CareTeamFormed, OfferSubmitted, OrderPlaced, OrganisationFiled
from microgov.contracts.message import Envelope
from microgov.contracts.rules import BehaviourRules
from microgov.services.chassis.model import AnyMessage
from microgov.services.chassis.reference_data import rules
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.notify.model import Base, Rule


class FollowedSubject(Base):
    """A matter that people follow, with its title. `kind` is issue, round, offer, order, organisation, care_team or
    council.
    """

    __tablename__ = "matter"
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]

    @classmethod
    def title_of(cls, kind: str, id: str, s: Session) -> str:
        """The title, or the id if the matter is unknown; an empty title for an order without known text."""
        row = s.get(cls, (kind, id))
        return row.title if row is not None else id


class Follow(Base):
    """A row means that the person follows the matter; if they follow it no longer, the row is kept with `in_force` false."""

    __tablename__ = "follow"
    kind: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    in_force: Mapped[bool]

    @classmethod
    def set(cls, kind: str, entity: str, person: str, in_force: bool, s: Session) -> None:
        row = s.get(cls, (kind, entity, person))
        if row is None:
            s.add(cls(kind=kind, entity=entity, person=person, in_force=in_force))
        else:
            row.in_force = in_force

    @classmethod
    def of(cls, kind: str, entity: str, s: Session) -> list[str]:
        """Persons who follow the matter, by id."""
        return [row.person for row in rows_under(s, cls, (kind, entity)) if row.in_force]


def in_one_line(text: str) -> str:
    """The text as a title in one line, of at most 40 characters."""
    line = " ".join(text.split()).rstrip("。.")
    return line if len(line) <= TITLE_LENGTH else f"{line[: TITLE_LENGTH - 1].rstrip()}…"


TITLE_LENGTH = 40
SERVING = "serving"
"""Kind of a `Follow`: a person has accepted to serve the order."""


class Organisation(Base):
    """Representatives of an organisation."""

    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(primary_key=True)
    representatives: Mapped[list[Any]]


def submitted(m: Envelope[IssueSubmitted], s: Session) -> None:
    s.add(FollowedSubject(kind="issue", id=m.subject, title=m.data.title))
    Follow.set("issue", m.subject, m.data.reporter, True, s)


def cosigned(m: Envelope[IssueCosigned], s: Session) -> None:
    Follow.set("issue", m.subject, m.data.person, True, s)


def cosign_withdrawn(m: Envelope[CosignWithdrawn], s: Session) -> None:
    Follow.set("issue", m.subject, m.data.person, False, s)


def passed_on(m: Envelope[IssuePassedOn], s: Session) -> None:
    Follow.set("issue", m.subject, m.data.person, False, s)


def option_proposed(m: Envelope[OptionProposed], s: Session) -> None:
    Follow.set("issue", m.data.issue, m.data.person, True, s)


def round_opened(m: Envelope[VisitRoundOpened], s: Session) -> None:
    s.add(FollowedSubject(kind="round", id=m.subject, title=m.data.title))


def council_formed(m: Envelope[CouncilFormed], s: Session) -> None:
    s.add(FollowedSubject(kind="council", id=m.subject, title=m.data.name))


def filed(m: Envelope[OrganisationFiled], s: Session) -> None:
    s.add(Organisation(id=m.subject, representatives=m.data.representatives))
    s.add(FollowedSubject(kind="organisation", id=m.subject, title=m.data.name))


def care_team_formed(m: Envelope[CareTeamFormed], s: Session) -> None:
    s.add(FollowedSubject(kind="care_team", id=m.subject, title=m.data.name))


def offered(m: Envelope[OfferSubmitted], s: Session) -> None:
    s.add(FollowedSubject(kind="offer", id=m.subject, title=m.data.title))


def placed(m: Envelope[OrderPlaced], s: Session) -> None:
    title = (
        FollowedSubject.title_of("offer", m.data.offer, s) if m.data.offer else in_one_line(m.data.wish or "")
    )
    s.add(FollowedSubject(kind="order", id=m.subject, title=title))
    for person in sorted({m.data.beneficiary, m.data.placed_by}):
        Follow.set("order", m.subject, person, True, s)


def agreed_to_serve(m: AnyMessage, s: Session) -> None:
    _serves(m, True, s)


def serves_no_longer(m: AnyMessage, s: Session) -> None:
    _serves(m, False, s)


def _serves(m: AnyMessage, in_force: bool, s: Session) -> None:
    if tells_all(s):
        Follow.set(SERVING, m.data.order, m.data.person, in_force, s)


def tells_all(s: Session) -> bool:
    """Whether all people who were to serve are notified; this depends on `behaviour`. Under a lower one nobody is stored as
    serving.
    """
    return rules(s, Rule, BehaviourRules).tells_all
