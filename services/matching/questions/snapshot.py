"""Snapshot of the rows for the planner: orders, slots and possible providers at one moment (domain.md §3.4).

Providers are organisations, people registered for them, and people who have served for them. An organisation can do
whatever any of its people can do. A pin or a week that was never stated excludes nobody; a language that was never
stated does, if the order asks for one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts.rules import CalendarRules
from microgov.services.chassis.columns import micros
from microgov.services.matching import planner
from microgov.services.matching.model import Person, Pin, Place, in_force
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.requirement import Requirement
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.order import Order
from microgov.services.matching.planner.distance import Point
from microgov.services.matching.planner.snapshot import LEAD, ORGANISATION, Qualification, Urgency, Window
from microgov.services.matching.registry.organisations import Organisation
from microgov.services.matching.registry.providers import Availability, Provider
from microgov.services.matching.serving.proposals import Proposal
from microgov.services.matching.serving.qualification import Qualified

MINUTE, DAY = 60_000_000, 24 * 60
FAIRNESS_WINDOW = timedelta(days=30)
EPOCH = date(1970, 1, 1)
SERVES = ("accepted", "checked_in", "completed")
ACTIVE = ("accepted", "checked_in")
URGENCY: dict[str, Urgency] = {"ordinary": "ordinary", "urgent": "urgent", "emergency": "emergency"}


@dataclass(frozen=True)
class Asked:
    """An order to plan: its row, the offer and slot to assign it with, and `planned`, the people whom the plan has for it.

    `promised`: the order was promoted from the waiting list, so a place in the slot is reserved for it.
    """

    row: Order
    offer: Offer | None
    slot: Slot | None
    promised: bool
    planned: frozenset[str]


def free_places(slot: Slot) -> int:
    """Places of the slot that are neither taken nor promised."""
    return slot.capacity - slot.taken - slot.promised


def name(slot: Slot) -> str:
    """The planner's id of the slot."""
    return f"{slot.offer}/{slot.slot}"


def snapshot(at: datetime, asked: dict[str, Asked], s: Session) -> planner.Snapshot:
    """The planner's snapshot at that instant: the orders asked for, their slots, and all providers."""
    known = _known({one.row.beneficiary for one in asked.values()}, s)
    slots = {name(one.slot): one for one in asked.values() if one.slot is not None}
    offset = in_force(s, CalendarRules).utc_offset_minutes
    orders = tuple(_order(one, at, known[one.row.beneficiary], s) for one in asked.values())
    days = sorted({(order.starts + offset) // DAY for order in orders if order.starts is not None})
    return planner.Snapshot(
        now=_minute(at),
        offset=offset,
        orders=orders,
        providers=tuple(_providers(at, People(s, days, offset), s)),
        slots=tuple(
            planner.Slot(id, one.offer.version, free_places(one.slot))
            for id, one in slots.items()
            if one.slot and one.offer
        ),
    )


def _order(one: Asked, at: datetime, known: frozenset[str], s: Session) -> planner.Order:
    """The order as the planner sees it."""
    place, slot, wanted = (
        s.get(Place, one.row.place),
        one.slot,
        Requirement.of(one.offer.id if one.offer else None, s),
    )
    return planner.Order(
        id=one.row.id,
        version=one.row.version,
        beneficiary=one.row.beneficiary,
        path=tuple(place.path) if place is not None else (one.row.place,),
        point=point(one.row.place, s),
        requires=frozenset(q.name for q in wanted if q.kind != "language"),
        language=next((q.name for q in wanted if q.kind == "language"), None),
        starts=_minute(slot.starts) if slot else None,
        ends=_minute(slot.ends, up=True) if slot else None,
        organisation=one.offer.organisation if one.offer else _organisation_of(one.row, s),
        slot=name(slot) if slot and not one.promised else None,
        urgency=URGENCY[one.row.urgency],
        waited=max(0, (at - one.row.placed_at).days),
        needed=one.row.needed,
        lead_needed=one.row.lead,
        known=known,
        planned=one.planned,
    )


def _organisation_of(row: Order, s: Session) -> str | None:
    """The organisation whose offer the order was placed from, even if the offer takes no orders now; None for a wish."""
    offer = s.get(Offer, row.offer) if row.offer else None
    return offer.organisation if offer is not None else None


def _known(beneficiaries: Iterable[str], s: Session) -> dict[str, frozenset[str]]:
    """For each beneficiary, the persons and organisations who have served them before."""
    found: dict[str, set[str]] = defaultdict(set)
    served = sa.select(Order).where(
        Order.beneficiary.in_(sorted(beneficiaries)), Order.state == "closed", Order.closing == "fulfilled"
    )
    for row in s.scalars(served.order_by(Order.id)):
        found[row.beneficiary] |= {id for id in (row.person, row.organisation) if id is not None}
    return defaultdict(frozenset, {who: frozenset(ids) for who, ids in found.items()})


class People:
    """Everybody registered to serve: qualifications, languages, and availability on the given days.

    `days` are local days since 1970, `offset` is local time minus UTC in minutes.
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
            if (EPOCH + timedelta(days=day)).isoformat() in week.days_off:
                continue
            weekday, begins = (EPOCH + timedelta(days=day)).isoweekday(), day * DAY - self.offset
            today = [one for one in week.weekly if one["weekday"] == weekday]
            found += [Window(begins + one["from_minute"], begins + one["to_minute"]) for one in today]
        return tuple(found)


def _providers(at: datetime, people: People, s: Session) -> Iterator[planner.Provider]:
    """Organisations, then people; a person for no organisation is left out."""
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
    """The organisation the person has served most for, else the first one they are registered for, or None."""
    most = Counter(task.organisation for task in tasks)
    first = row.organisations[0] if row is not None and row.organisations else None
    return min(most, key=lambda id: (-most[id], id)) if most else first


def _person(
    id: str,
    for_whom: str,
    areas: frozenset[str] | None,
    tasks: list[Proposal],
    at: datetime,
    people: People,
    s: Session,
) -> planner.Provider:
    """The person as the planner sees them. Someone who is not registered has no known qualifications."""
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


def point(place: str, s: Session) -> Point | None:
    """The pin of the place, or of the nearest place around it that has one."""
    row = s.get(Place, place)
    pins = [s.get(Pin, one) for one in ([] if row is None else row.path)]
    found = next((pin for pin in pins if pin is not None), None)
    return (
        None
        if found is None
        else Point(found.latitude, found.longitude, "gcj02" if found.crs == "gcj02" else "wgs84")
    )


def _day(iso: str) -> int:
    """The date as days since 1970."""
    return (date.fromisoformat(iso) - EPOCH).days


def _recent(task: Proposal, at: datetime) -> bool:
    """Whether the task counts as a job of the last 30 days; without a time it counts while it is active."""
    return task.state in ACTIVE if task.starts is None else at - FAIRNESS_WINDOW <= task.starts <= at


def _task(task: Proposal) -> planner.Task:
    assert task.starts is not None and task.ends is not None
    return planner.Task(_minute(task.starts), _minute(task.ends, up=True))


def _minute(at: datetime, up: bool = False) -> int:
    """The instant as whole minutes since 1970, UTC, rounded down, or up with `up`."""
    return -(-micros(at) // MINUTE) if up else micros(at) // MINUTE
