"""Answers to questions about visits and their rounds; they only read."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.services.chassis.refusals import unknown_state
from microgov.services.issues.questions.list import Condition, inside
from microgov.services.issues.questions.show import columns_of
from microgov.services.issues.visits.life import STATES
from microgov.services.issues.visits.lines import Line
from microgov.services.issues.visits.rounds import VisitRound
from microgov.services.issues.visits.visit import Visit

ROUND_COLUMNS = ("title", "place", "opened_by", "contacts", "made", "refused", "no_answer", "closed")
VISIT_COLUMNS = ("round", "contact", "kind", "place", "state", "result", "attempts", "refusals")
VISIT_DETAIL_COLUMNS = ("planned_at", "made_at", "person", "visitor")


def show_round(q: issues.ShowVisitRound, s: Session) -> issues.VisitRoundShown:
    """The round and its counters."""
    round = VisitRound.find(s, q.round, "round")
    return issues.VisitRoundShown(round=round.id, **columns_of(round, ROUND_COLUMNS))


def show_visit(q: issues.ShowVisit, s: Session) -> issues.VisitShown:
    """The visit with the state of every line of its lists."""
    visit = Visit.find(s, q.visit, "visit")
    lines = [line.fate(s) for line in Line.of(visit.id, s)]
    return issues.VisitShown(
        visit=visit.id, **columns_of(visit, (*VISIT_COLUMNS, *VISIT_DETAIL_COLUMNS)), lines=lines
    )


def list_visits(q: issues.ListVisits, s: Session) -> issues.VisitsListed:
    """A page of visits, by id."""
    rows = list(s.scalars(sa.select(Visit).where(*_asked(q, s)).order_by(Visit.id).limit(q.most + 1)))
    page = rows[: q.most]
    return issues.VisitsListed(
        visits=[issues.VisitListed(visit=row.id, **columns_of(row, VISIT_COLUMNS)) for row in page],
        next=page[-1].id if len(rows) > q.most else None,
    )


def _asked(q: issues.ListVisits, s: Session) -> list[Condition]:
    wanted = inside(q.community, s, Visit.place)
    if q.round is not None:
        wanted.append(Visit.round == VisitRound.find(s, q.round, "round").id)
    if q.state is not None:
        if q.state not in STATES:
            raise unknown_state(q.state, STATES)
        wanted.append(Visit.state == q.state)
    if q.after_id is not None:
        wanted.append(Visit.id > q.after_id)
    return wanted
