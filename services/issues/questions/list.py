"""Answers to questions about many issues, about a topic, about what is due, and about what was achieved; they only read."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.services.chassis.refusals import unknown_community, unknown_state
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.actions.hazard import Replacement
from microgov.services.issues.clocks.clock import Clock
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.sessions import council
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics import round_table
from microgov.services.issues.deliberation.topics.disagreement import Disagreement
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import STATES
from microgov.services.issues.mediation.mediation import LAPSE, Mediation
from microgov.services.issues.model import Deadline, Place
from microgov.services.issues.questions.show import columns_of, shown_options

ISSUE_COLUMNS = ("state", "title", "place", "theme", "urgency", "people", "households")
SESSION_COLUMNS = (
    "kind",
    "state",
    "opens_at",
    "closes_at",
    "present",
    "voting",
    "quorum",
    "draft",
    "signatures",
    "needed",
)
BALLOT_COLUMNS = ("session", "kind", "state", "closes_at", "quorum", "majority_per_mille", "people")

Condition = sa.ColumnElement[bool]
_ISSUE = sa.func.coalesce(Ballot.issue, Mediation.issue, Deadline.entity).label("issue")
"""The issue of a deadline: that of the ballot or mediation that is due, otherwise the entity of the deadline, which is an
issue then. The deadlines of seats and of round tables, which are about no issue, are left out of `_COMING`.
"""
_AT = sa.func.coalesce(Clock.due_at, Deadline.due_at).label("due_at")
"""When a deadline is due. A time limit (`Clock`) has a row of its own with its due date. Its row of `Deadline` has the time
of the warning until the warning is given, so the due date is taken from the row of `Clock`.
"""
_COMING = (
    sa.select(_AT, Deadline.kind, Deadline.entity, _ISSUE)
    .outerjoin(Ballot, sa.and_(Deadline.kind == "ballot", Ballot.id == Deadline.entity))
    .outerjoin(Mediation, sa.and_(Deadline.kind == LAPSE, Mediation.id == Deadline.entity))
    .outerjoin(Clock, sa.and_(Deadline.kind == Clock.kind, Clock.issue == Deadline.entity))
    .where(Deadline.kind.not_in((council.TERM, round_table.DUE)))
)
_OVERDUE = sa.select(Clock.due_at, Clock.kind, Clock.issue, Clock.issue).where(Clock.breached)
"""Breached time limits; the four columns are those of `_COMING`: the entity of a time limit is its issue."""
_TO_DO = (
    sa.select(Action.due, sa.literal("action_item"), Action.id, Action.issue)
    .join(Issue, Issue.id == Action.issue)
    .where(Action.state.not_in(("done", "verified")), Issue.state != "withdrawn")
)
_DUE = sa.union_all(_COMING, _OVERDUE, _TO_DO).subquery()
"""Everything due: coming deadlines, breached time limits whose work is not done, and action items not reported done, also
those tracked under a plan. Action items of withdrawn issues are left out.
"""
_KEY = (_DUE.c.due_at, _DUE.c.kind, _DUE.c.entity)


def inside(community: str | None, s: Session, where: Any = Issue.place) -> list[Condition]:
    """The condition that the row's place (the column `where`) is the community or inside it; no condition if it is None.
    Raises the refusal `unknown_place` (`unknown_community` makes it).
    """
    if community is None:
        return []
    if s.get(Place, community) is None:
        raise unknown_community(community)
    # `path` is a list, stored as JSON text, in which an id stands in quotes. `contains` searches that text with LIKE; ids
    # contain no character that LIKE interprets.
    named = sa.type_coerce(Place.path, sa.Text).contains(f'"{community}"')
    return [where.in_(sa.select(Place.id).where(named))]


def list_issues(q: issues.ListIssues, s: Session) -> issues.IssuesListed:
    """A page of issues, by id."""
    rows = list(s.scalars(sa.select(Issue).where(*_asked(q, s)).order_by(Issue.id).limit(q.most + 1)))
    page = rows[: q.most]
    earliest = sa.select(_DUE.c.issue, sa.func.min(_DUE.c.due_at)).where(
        _DUE.c.issue.in_([row.id for row in page])
    )
    due: dict[str, Any] = {issue: at for issue, at in s.execute(earliest.group_by(_DUE.c.issue))}
    return issues.IssuesListed(
        issues=[
            issues.IssueListed(issue=row.id, **columns_of(row, ISSUE_COLUMNS), due_at=due.get(row.id))
            for row in page
        ],
        next=page[-1].id if len(rows) > q.most else None,
    )


def _asked(q: issues.ListIssues, s: Session) -> list[Condition]:
    wanted = inside(q.community, s)
    if q.state is not None:
        wanted.append(Issue.state == _state(q.state))
    if q.theme is not None:
        wanted.append(Issue.theme == q.theme)
    if q.deadline is not None:
        wanted.append(Issue.id.in_(sa.select(_DUE.c.issue).where(_DUE.c.due_at < q.deadline)))
    if q.after_id is not None:
        wanted.append(Issue.id > q.after_id)
    return wanted


def _state(name: str) -> str:
    if name not in STATES:
        raise unknown_state(name, STATES)
    return name


def list_due(q: issues.ListDue, s: Session) -> issues.DueShown:
    """A page of what is due, the earliest first; `total` counts this page and all that follow."""
    wanted = [_DUE.c.due_at <= q.until, *inside(q.community, s)]
    if q.after_key is not None:
        key = q.after_key
        # With the column's type a time is compared in the form in which the database stores it.
        wanted.append(
            sa.tuple_(*_KEY) > sa.tuple_(*(sa.bindparam(None, getattr(key, c.name), c.type) for c in _KEY))
        )
    due = sa.select(*_KEY, _DUE.c.issue, Issue.title, Issue.state, Issue.place).join(
        Issue, Issue.id == _DUE.c.issue
    )
    rows = s.execute(due.where(*wanted).order_by(*_KEY).limit(q.most + 1)).all()
    page = [issues.DueListed.model_validate(row._asdict()) for row in rows[: q.most]]
    total = s.execute(sa.select(sa.func.count()).select_from(due.where(*wanted).subquery())).scalar_one()
    last = page[-1] if len(rows) > q.most else None
    return issues.DueShown(
        due=page,
        total=total,
        next=issues.DueKey(**columns_of(last, ("due_at", "kind", "entity"))) if last else None,
    )


def show_achieved(q: issues.ShowAchieved, s: Session) -> issues.Achieved:
    """Quantities summed over verified action items, by unit, and by hazard and unit; and how many items are not verified
    yet (`open_items`).
    """
    here = (
        sa.select(Action.unit, Action.done, Action.at_least, Action.issue, Action.state, Replacement.hazard)
        .join(Issue, Issue.id == Action.issue)
        .outerjoin(Replacement, Replacement.action == Action.id)
        .where(*inside(q.community, s))
        .subquery()
    )
    waiting = sa.select(sa.func.count()).select_from(here).where(here.c.state != "verified")
    return issues.Achieved(
        quantities=[issues.Quantity(**one) for one in _sums(here, (here.c.unit,), s)],
        replaced=[
            issues.Replaced.model_validate(one)
            for one in _sums(here, (here.c.hazard, here.c.unit), s)
            if one["hazard"] is not None
        ],
        open_items=s.execute(waiting).scalar_one(),
    )


def _sums(here: sa.Subquery, by: tuple[sa.ColumnElement[Any], ...], s: Session) -> Iterator[dict[str, Any]]:
    """Sums of verified action items, grouped by the columns `by`."""
    at_least = sa.func.max(sa.cast(here.c.at_least, sa.Integer)).label("at_least")
    counts = (sa.func.count().label("items"), sa.func.count(here.c.issue.distinct()).label("issues"))
    sums = sa.select(*by, sa.func.sum(here.c.done).label("done"), at_least, *counts).where(
        here.c.state == "verified"
    )
    for row in s.execute(sums.group_by(*by).order_by(*by).limit(1000)):
        yield {**row._mapping, "done": int(row.done), "at_least": bool(row.at_least)}


def show_topic(q: issues.ShowTopic, s: Session) -> issues.WholeTopic:
    """The topic with its sessions, ballots and disagreements; sessions and ballots in order of time."""
    topic = Topic.find(s, q.topic, "topic")
    meetings = (
        sa.select(DeliberationSession)
        .where(DeliberationSession.topic == topic.id)
        .order_by(DeliberationSession.opens_at, DeliberationSession.id)
        .limit(100)
    )
    ballots = (
        sa.select(Ballot).where(Ballot.topic == topic.id).order_by(Ballot.closes_at, Ballot.id).limit(100)
    )
    disagreements = (
        sa.select(Disagreement).where(Disagreement.topic == topic.id).order_by(Disagreement.id).limit(100)
    )
    return issues.WholeTopic(
        topic=topic.id,
        **columns_of(
            topic, ("issue", "title", "state", "proposer", "on_agenda", "quorum_met", "minutes_confirmed")
        ),
        options=shown_options(topic, s),
        sessions=[
            issues.SessionShown(session=row.id, **columns_of(row, SESSION_COLUMNS))
            for row in s.scalars(meetings)
        ],
        ballots=[_ballot(row, s) for row in s.scalars(ballots)],
        disagreements=[_disagreement(row) for row in s.scalars(disagreements)],
    )


def _disagreement(row: Disagreement) -> issues.DisagreementShown:
    positions = [issues.Position.model_validate(one) for one in row.positions]
    return issues.DisagreementShown(
        disagreement=row.id, **columns_of(row, ("title", "state", "remains")), positions=positions
    )


def _ballot(row: Ballot, s: Session) -> issues.TopicBallot:
    tallies = s.scalars(
        sa.select(OptionTally).where(OptionTally.ballot == row.id).order_by(OptionTally.option)
    ).all()
    return issues.TopicBallot(ballot=row.id, **columns_of(row, BALLOT_COLUMNS), tally=row.so_far(tallies))
