"""Disagreements 分歧: positions and their parties, until settled, mediated or escalated (domain.md §2.3)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import issues
from microgov.contracts.message import Envelope, plain
from microgov.services.chassis.model import SAME, AnyMessage, Entity, Life, Refused, Said, Transition, each
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.refusals import not_registered
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import life
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.mediation.mediation import Mediation
from microgov.services.issues.model import Base, Person, Place

UNSETTLED = ("open", "narrowed")

LIFE = Life(
    "disagreement",
    "分歧",
    {
        "open": ("未决", "open"),
        "narrowed": ("已缩小", "narrowed"),
        "settled": ("已解决", "settled"),
        "mediated": ("转入调解", "sent to mediation"),
        "escalated": ("已上提", "escalated"),
    },
    {
        (None, issues.RaiseDisagreement): Transition("open", issues.DisagreementRaised),
        ("open", issues.NarrowDisagreement): Transition("narrowed", issues.DisagreementNarrowed),
        ("narrowed", issues.NarrowDisagreement): Transition(SAME, issues.DisagreementNarrowed),
        **each(
            (*UNSETTLED, "mediated", "escalated"),
            issues.SettleDisagreement,
            Transition("settled", issues.DisagreementSettled),
        ),
        **each(UNSETTLED, issues.MediateDisagreement, Transition("mediated", issues.DisagreementMediated)),
        **each(UNSETTLED, issues.EscalateDisagreement, Transition("escalated", issues.DisagreementEscalated)),
    },
    frozenset({"settled"}),
)


class Disagreement(Entity, Base):
    """A disagreement about a topic. `kind` is that of the session that raised it; `remains` is what is still disputed."""

    __tablename__ = "disagreement"
    CALLED = "Disagreement"
    issue: Mapped[str]
    topic: Mapped[str] = mapped_column(index=True)
    place: Mapped[str]
    kind: Mapped[str | None]
    state: Mapped[str]
    title: Mapped[str]
    positions: Mapped[list[Any]]
    remains: Mapped[str | None]


def put(m: Envelope[issues.RaiseDisagreement], s: Session) -> Said:
    """Raises a disagreement about a topic."""
    d, topic = m.data, Topic.find(s, m.data.topic, "data.topic")
    check_within(s, Place, topic.place(s), m)
    _check_registered(d, s)
    row = Disagreement.new(
        s,
        m.subject,
        issue=topic.issue,
        topic=topic.id,
        place=topic.place(s),
        kind=_kind(d, s),
        state="open",
        title=d.title,
        positions=[plain(one) for one in d.positions],
        remains=None,
    )
    return row.say(
        issues.DisagreementRaised(
            issue=topic.issue, topic=topic.id, title=d.title, positions=d.positions, session=d.session
        )
    )


def narrow(m: Envelope[issues.NarrowDisagreement], s: Session) -> Said:
    """Narrows the disagreement: part of it is settled."""
    row = _moved(m, s)
    row.remains = m.data.remains
    return row.say(issues.DisagreementNarrowed(issue=row.issue, remains=m.data.remains))


def settle(m: Envelope[issues.SettleDisagreement], s: Session) -> Said:
    """Settles the disagreement."""
    row = _moved(m, s)
    return row.say(issues.DisagreementSettled(issue=row.issue, terms=m.data.terms))


def mediate(m: Envelope[issues.MediateDisagreement], s: Session) -> Said:
    """Sends the disagreement to a mediation of the same issue; from then on it is confidential."""
    mediation = Mediation.find(s, m.data.mediation, "data.mediation")
    if mediation.issue != Disagreement.find(s, m.subject).issue:
        raise Refused(
            "other_issue",
            f"调解 {mediation.id} 不是这件事的调解。请写明这件事的调解。",
            f"The mediation {mediation.id} is of another issue. Name the one of this issue.",
            "data.mediation",
        )
    row = _moved(m, s)
    return row.say(issues.DisagreementMediated(issue=row.issue, mediation=mediation.id))


def escalate(m: Envelope[issues.EscalateDisagreement], s: Session) -> Iterator[Said]:
    """Escalates the disagreement and its issue to the sub-district."""
    issue = Issue.find(s, Disagreement.find(s, m.subject).issue)
    life.LIFE.check(issue, issues.EscalateIssue, m, s)
    row = _moved(m, s)
    yield row.say(issues.DisagreementEscalated(issue=row.issue, reason=m.data.reason))
    yield Handling.of(issue.id, s).escalate(issue, "disagreement", m.data.reason)


def _moved(m: AnyMessage, s: Session) -> Disagreement:
    """The disagreement of the message, after scope check and transition."""
    row = Disagreement.find(s, m.subject)
    check_within(s, Place, row.place, m)
    LIFE.move(row, m, s)
    return row


def _kind(d: issues.RaiseDisagreement, s: Session) -> str | None:
    """The kind of the named session, or None; raises `other_topic` if the session is on another topic."""
    if d.session is None:
        return None
    meeting = DeliberationSession.find(s, d.session, "data.session")
    if meeting.topic != d.topic:
        raise Refused(
            "other_topic",
            f"会议 {meeting.id} 议的是另一个议题。请核对会议。",
            f"The session {meeting.id} is on another topic. Check the session.",
            "data.session",
        )
    return meeting.kind


def _check_registered(d: issues.RaiseDisagreement, s: Session) -> None:
    for person in (person for position in d.positions for person in position.parties):
        if s.get(Person, person) is None:
            raise not_registered(person, "data.positions")
