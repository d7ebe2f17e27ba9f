"""Answers to questions about hours: those of one person, for a certificate, and the workload by organisation; they only
read.
"""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.services.matching.model import Person
from microgov.services.matching.orders.order import Order
from microgov.services.matching.questions.list import inside
from microgov.services.matching.questions.show import columns_of
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.serving.hours import HoursEntry
from microgov.services.matching.serving.strikes import Strike

LISTED_AT_MOST = 1000
LINE_COLUMNS = ("number", "order", "organisation", "duty", "kind", "minutes", "at", "reverses")


def show_hours(q: matching.ShowHours, s: Session) -> matching.HoursShown:
    """The person's hours entered in the span of time. A correction is a pair of lines of its own, which counts in the
    span in which the correction was entered.
    """
    Person.named(q.person, s, "person")
    found = sa.select(HoursEntry).where(HoursEntry.person == q.person, *_within_span(q))
    rows = s.scalars(
        found.order_by(HoursEntry.at.desc(), HoursEntry.proposal, HoursEntry.number.desc())
    ).all()
    strikes = s.scalar(sa.select(sa.func.count()).select_from(Strike).where(Strike.person == q.person)) or 0
    return matching.HoursShown.model_validate(
        {
            "person": q.person,
            "minutes": sum(row.minutes for row in rows),
            "tasks": _tasks(rows),
            "strikes": strikes,
            "by_organisation": _by_organisation(rows, s),
            "lines": [
                {"task": row.proposal, **columns_of(row, LINE_COLUMNS)} for row in rows[:LISTED_AT_MOST]
            ],
        }
    )


def show_workload(q: matching.ShowWorkload, s: Session) -> matching.WorkloadShown:
    """The workload of each organisation, and of all together."""
    found = sa.select(HoursEntry).join(Order, Order.id == HoursEntry.order)
    rows = s.scalars(found.where(*_within_span(q), *inside(q.community, s, Order.place))).all()
    groups: dict[str, list[HoursEntry]] = defaultdict(list)
    for row in rows:
        groups[row.organisation].append(row)
    lines = [_workload(name, groups[name], s) for name in sorted(groups)[:LISTED_AT_MOST]]
    return matching.WorkloadShown(workload=[*lines, _workload("all", rows, s)])


def _within_span(q: matching.ShowHours | matching.ShowWorkload) -> list[sa.ColumnElement[bool]]:
    since = [] if q.since is None else [HoursEntry.at >= q.since]
    return since if q.until is None else [*since, HoursEntry.at < q.until]


def _tasks(rows: Iterable[HoursEntry]) -> int:
    """The number of tasks that have hours left after corrections."""
    minutes: dict[str, int] = defaultdict(int)
    for row in rows:
        minutes[row.proposal] += row.minutes
    return sum(total > 0 for total in minutes.values())


def _by_organisation(rows: Iterable[HoursEntry], s: Session) -> list[matching.HoursOf]:
    groups: dict[tuple[str, str], list[HoursEntry]] = defaultdict(list)
    for row in rows:
        groups[row.organisation, row.kind].append(row)
    return [
        matching.HoursOf.model_validate(
            {
                "organisation": name,
                "name": _name(name, s),
                "kind": kind,
                "tasks": _tasks(groups[name, kind]),
                "minutes": sum(row.minutes for row in groups[name, kind]),
            }
        )
        for name, kind in sorted(groups)[:LISTED_AT_MOST]
    ]


def _workload(name: str, rows: Iterable[HoursEntry], s: Session) -> matching.Workload:
    """The sums for one organisation, or for all; `filled` is the share of assisting volunteers in the minutes, in ‰."""
    minutes = {duty: sum(row.minutes for row in rows if row.duty == duty) for duty in ("lead", "assist")}
    both = sum(minutes.values())
    filled = 1000 * minutes["assist"] // both if both > 0 else 0
    people = len({row.person for row in rows})
    return matching.Workload(organisation=name, name=_name(name, s), people=people, **minutes, filled=filled)


def _name(organisation: str, s: Session) -> str | None:
    row = s.get(Organisation, organisation)
    return row.name if row is not None else None
