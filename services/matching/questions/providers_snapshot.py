"""Makes the planner's providers: organisations, people registered for them, and people who have served for them.

An organisation can do what any of its people can do. If a pin or the weekly availability was never stated, that excludes
nobody; languages that were never stated exclude a provider from orders that ask for one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.services.matching import planner
from microgov.services.matching.model import Person
from microgov.services.matching.planner.snapshot import DAY, LEAD, ORGANISATION, Qualification, Window
from microgov.services.matching.questions.planner_units import point, whole_minute
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.registry.providers import Availability, Provider
from microgov.services.matching.serving.proposals import Proposal
from microgov.services.matching.serving.qualification import Qualified

FAIRNESS_WINDOW = timedelta(days=30)
FIRST_DAY = date(1970, 1, 1)
SERVES = ("accepted", "checked_in", "completed")
ACTIVE = ("accepted", "checked_in")


class RegisteredPeople:
    """All people registered to serve, with their qualifications, languages, and availability on the given days.

    `days` are local days, counted from 1970; `offset` is local time minus UTC in minutes.
    """

    def __init__(self, s: Session, days: list[int], offset: int) -> None:
        self.days, self.offset = days, offset
        registered = sa.select(Provider).where(Provider.state == "registered").order_by(Provider.id)
        self.rows = {row.id: row for row in s.scalars(registered)}
        self.weeks = {
            row.person: row for row in s.scalars(sa.select(Availability).order_by(Availability.person))
        }
        self.proven: dict[str, list[Qualified]] = defaultdict(list)
        every = sa.select(Qualified).order_by(Qualified.person, Qualified.kind, Qualified.name)
        for row in s.scalars(every):
            self.proven[row.person].append(row)

    def of(self, organisation: str) -> list[str]:
        """Ids of people registered for the organisation."""
        return [id for id, row in self.rows.items() if organisation in row.organisations]

    def languages(self, people: Iterable[str]) -> frozenset[str]:
        """Languages of these people, claimed or verified."""
        said = {one for id in people for one in self.rows[id].languages}
        return frozenset(said | {q.name for id in people for q in self.proven[id] if q.kind == "language"})

    def qualifications(self, people: Iterable[str]) -> frozenset[Qualification]:
        """Verified qualifications of these people, except languages."""
        proven = [q for id in people for q in self.proven[id] if q.kind != "language"]
        return frozenset(
            Qualification(q.name, _day(q.valid_until) if q.valid_until else None) for q in proven
        )

    def windows(self, person: str) -> tuple[Window, ...] | None:
        """Times when the person is available on the given days, in minutes since 1970, UTC; None if never stated."""
        week = self.weeks.get(person)
        if week is None:
            return None
        found = list[Window]()
        for day in self.days:
            if (FIRST_DAY + timedelta(days=day)).isoformat() in week.days_off:
                continue
            weekday, begins = (FIRST_DAY + timedelta(days=day)).isoweekday(), day * DAY - self.offset
            today = [one for one in week.weekly if one["weekday"] == weekday]
            found += [Window(begins + one["from_minute"], begins + one["to_minute"]) for one in today]
        return tuple(found)


def providers(at: datetime, people: RegisteredPeople, s: Session) -> Iterator[planner.Provider]:
    """Yields organisations, then people. A person who is registered for no organisation and has served for none is left
    out.
    """
    served: dict[str, list[Proposal]] = defaultdict(list)
    jobs = Counter[str]()
    for task in s.scalars(sa.select(Proposal).where(Proposal.state.in_(SERVES)).order_by(Proposal.id)):
        served[task.person].append(task)
        jobs[task.organisation] += _recent(task, at)
    areas = {}
    for organisation in s.scalars(sa.select(Organisation).order_by(Organisation.id)):
        id, areas[organisation.id] = organisation.id, frozenset(organisation.places)
        mine = people.of(id)
        yield planner.Provider(
            id=id,
            version=organisation.version,
            organisation=id,
            role=ORGANISATION,
            leads=any(LEAD in people.rows[one].roles for one in mine),
            areas=areas[id],
            qualifications=people.qualifications(mine),
            languages=people.languages(mine),
            jobs=jobs[id],
        )
    for person in sorted({*served, *people.rows}):
        for_whom = _for_whom(served[person], people.rows.get(person))
        if for_whom is not None:
            yield _person(person, for_whom, areas.get(for_whom), served[person], at, people, s)


def _for_whom(tasks: list[Proposal], row: Provider | None) -> str | None:
    """The organisation for which the person has served most often; otherwise the first for which they are registered;
    otherwise None.
    """
    most = Counter(task.organisation for task in tasks)
    first = row.organisations[0] if row is not None and row.organisations else None
    return min(most, key=lambda id: (-most[id], id)) if most else first


def _person(
    id: str,
    for_whom: str,
    areas: frozenset[str] | None,
    tasks: list[Proposal],
    at: datetime,
    people: RegisteredPeople,
    s: Session,
) -> planner.Provider:
    """The person as a provider for the planner. A person who is not registered has no known qualifications."""
    row, home = people.rows.get(id), s.get(Person, id)
    known = [] if row is None else [id]
    return planner.Provider(
        id=id,
        version=0 if row is None else row.version,
        organisation=for_whom,
        role=LEAD if row is not None and LEAD in row.roles else "volunteer",
        areas=areas,
        point=None if home is None else point(home.place, s),
        qualifications=people.qualifications(known),
        languages=None if row is None else people.languages(known),
        windows=people.windows(id),
        tasks=tuple(_task(task) for task in tasks if task.state in ACTIVE and task.starts and task.ends),
        jobs=sum(_recent(task, at) for task in tasks),
        conflicts=frozenset() if row is None else frozenset(row.conflicts),
    )


def _day(iso: str) -> int:
    """The date as days since 1970."""
    return (date.fromisoformat(iso) - FIRST_DAY).days


def _recent(task: Proposal, at: datetime) -> bool:
    """Whether the task counts as a job of the last 30 days; without a time it counts while it is active."""
    return task.state in ACTIVE if task.starts is None else at - FAIRNESS_WINDOW <= task.starts <= at


def _task(task: Proposal) -> planner.Task:
    assert task.starts is not None
    assert task.ends is not None
    return planner.Task(whole_minute(task.starts), whole_minute(task.ends, up=True))
