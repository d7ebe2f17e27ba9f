"""The answer to ShowRates, counted from the rows of rate_facts.py; contracts/issues/rate.py defines what counts and when."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.rate_facts import ActionItemFact, RatePeriod, Routing, SurveyFact
from microgov.services.issues.questions.list import Condition, inside
from microgov.services.issues.visits.visit import Visit

Within = tuple[issues.ShowRates, list[Condition]]


def show_rates(q: issues.ShowRates, s: Session) -> issues.RatesShown:
    """Every rate for the span of time and the place asked for."""
    if q.to <= q.from_:
        raise Refused(
            "bad_window",
            "开始时间 from 必须早于结束时间 to。请更正。",
            "The span is empty: from must be before to. Correct it.",
            "from_",
        )
    asked = q, inside(q.community, s)
    rates = [
        *_answers(asked, s),
        _closings("deliberated", RatePeriod.deliberated, asked, s),
        _parts("returned", Routing, Routing.returned, asked, s),
        _closings("reopened", RatePeriod.reopened, asked, s),
        _parts("self_claimed", ActionItemFact, ActionItemFact.claimed, asked, s),
        _coverage(q, s),
    ]
    return issues.RatesShown(from_=q.from_, to=q.to, community=q.community, rates=rates)


def _rate(
    name: str, numerator: int, denominator: int, unreachable: int = 0, **excluded: int
) -> issues.RateShown:
    reasons = [
        issues.Excluded(reason=reason, count=count) for reason, count in sorted(excluded.items()) if count
    ]
    return issues.RateShown(
        rate=name, numerator=numerator, denominator=denominator, excluded=reasons, unreachable=unreachable
    )


def _during(asked: Within, at: Any) -> tuple[Condition, ...]:
    q, places = asked
    return at >= q.from_, at < q.to, *places


def _many(*conditions: Any) -> sa.ColumnElement[int]:
    return sa.func.count().filter(sa.and_(*conditions))


def _answers(asked: Within, s: Session) -> Iterator[issues.RateShown]:
    """The three survey rates, for results reported in the span of time."""
    reported = _during(asked, RatePeriod.reported_at)
    people = sa.select(sa.func.coalesce(sa.func.sum(RatePeriod.recipients), 0)).join(
        Issue, Issue.id == RatePeriod.issue
    )
    told = int(s.execute(people.where(*reported)).scalar_one())
    lost = sa.and_(SurveyFact.unreachable, sa.not_(SurveyFact.answered))
    counts = [
        _many(SurveyFact.answered, yes)
        for yes in (SurveyFact.contacted, SurveyFact.solved, SurveyFact.satisfied)
    ]
    rows = sa.select(
        *counts, _many(SurveyFact.answered), _many(SurveyFact.answered, SurveyFact.told), _many(lost)
    ).select_from(SurveyFact)
    of_round = sa.and_(SurveyFact.issue == RatePeriod.issue, SurveyFact.round == RatePeriod.n)
    found = s.execute(
        rows.join(RatePeriod, of_round).join(Issue, Issue.id == SurveyFact.issue).where(*reported)
    ).one()
    *yes, answers, heard, unreachable = found
    for name, count in zip(("response", "solved", "satisfied"), yes, strict=True):
        yield _rate(name, count, answers, unreachable, no_answer=told - heard - unreachable)


def _closings(name: str, good: Any, asked: Within, s: Session) -> issues.RateShown:
    """A rate of closed issues; the condition `good` defines which of them count in the numerator."""
    closed = RatePeriod.ending == "closed"
    counts = (
        _many(closed, good),
        _many(closed),
        _many(RatePeriod.ending == "declined"),
        _many(RatePeriod.ending == "withdrawn"),
    )
    rows = (
        sa.select(*counts)
        .join(Issue, Issue.id == RatePeriod.issue)
        .where(*_during(asked, RatePeriod.ended_at))
    )
    numerator, denominator, declined, withdrawn = s.execute(rows).one()
    return _rate(name, numerator, denominator, declined=declined, withdrawn=withdrawn)


def _parts(
    name: str, table: type[Routing] | type[ActionItemFact], good: Any, asked: Within, s: Session
) -> issues.RateShown:
    """A rate of routings or action items; `good` defines which of them count in the numerator. Those of withdrawn issues are
    excluded.
    """
    gone = sa.func.coalesce(RatePeriod.ending, "") == "withdrawn"
    counts = (_many(good, sa.not_(gone)), _many(sa.not_(gone)), _many(gone))
    of_round = sa.and_(RatePeriod.issue == table.issue, RatePeriod.n == table.round)
    rows = (
        sa.select(*counts).select_from(table).join(RatePeriod, of_round).join(Issue, Issue.id == table.issue)
    )
    numerator, denominator, withdrawn = s.execute(rows.where(*_during(asked, table.at))).one()
    return _rate(name, numerator, denominator, withdrawn=withdrawn)


def _coverage(q: issues.ShowRates, s: Session) -> issues.RateShown:
    """The coverage of visits. The contact list is frozen, so contacts who refused or did not answer stay in the
    denominator.
    """
    counts = [_many(Visit.result == result) for result in ("made", "no_answer", "refused")]
    rows = sa.select(sa.func.count(), *counts).select_from(Visit)
    planned = _during((q, inside(q.community, s, Visit.place)), Visit.planned_at)
    contacts, *results = s.execute(rows.where(*planned)).one()
    made, unreachable, refused = results
    return issues.RateShown(
        rate="visit_coverage",
        numerator=made,
        denominator=contacts,
        excluded=[],
        unreachable=unreachable,
        refused=refused,
    )
