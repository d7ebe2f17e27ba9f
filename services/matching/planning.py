"""The question to the planner: the rows as they are now become its snapshot, its plan the answer (domain.md §3.4).

Providers are the organisations, and the persons who have served for them. A missing pin stands in nothing's way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from contracts import matching as c
from contracts.fields import Words
from contracts.planning import PlanningRules
from contracts.rules import CalendarRules
from services.chassis.columns import micros
from services.chassis.house import R, rules
from services.chassis.model import Refused
from services.matching import planner as p
from services.matching.assignments import Waiting
from services.matching.model import Place, Rule
from services.matching.offers import Offer, Slot
from services.matching.orders import Order
from services.matching.planner import explain
from services.matching.planner.snapshot import ORGANISATION
from services.matching.proposals import Proposal
from services.matching.registry import Organisation

MINUTE = 60_000_000
FAIR = timedelta(days=30)
SERVES = ("accepted", "checked_in", "completed")
ACTIVE = ("accepted", "checked_in")


@dataclass(frozen=True)
class Asked:
    """What an order is planned with: its row, and what it would be assigned with."""

    row: Order
    offer: Offer | None
    slot: Slot | None
    promised: bool


def plan_orders(q: c.PlanOrders, s: Session) -> c.OrdersPlanned:
    """Nothing is assigned by asking. Raises `unknown_place`, `engine_missing`."""
    asked, weights = _asked(q, s), _in_force(s, PlanningRules)
    try:
        made = p.plan(_snapshot(q.at, asked, s), weights, q.engine)
    except p.NotInstalled as missing:
        raise Refused("engine_missing", missing.zh, missing.en, "engine") from missing
    rest = [id for id in sorted(asked) if q.after_id is None or id > q.after_id]
    page = set(rest[: q.most])
    return c.OrdersPlanned(
        community=q.community,
        engine=q.engine,
        at=q.at,
        orders=len(asked),
        suggestions=[_suggestion(one, asked[one.order], s) for one in made.suggestions if one.order in page],
        unplaced=[
            c.Unplaced(order=one.order, rule=one.rule, why=_words(one.why)) for one in made.unplaced if one.order in page
        ],
        next=rest[q.most - 1] if len(rest) > q.most else None,
    )


def _in_force(s: Session, section: type[R]) -> R:
    """The section; its defaults where it was never set (a tenant set up before there was such a section)."""
    known = s.get(Rule, section.model_fields["section"].default)
    return section() if known is None else rules(s, Rule, section)


def _asked(q: c.PlanOrders, s: Session) -> dict[str, Asked]:
    """The orders that are ready inside the place, each with the slot it asks for, or the first of its offer with room."""
    if s.get(Place, q.community) is None:
        raise Refused(
            "unknown_place",
            f"没有编号为 {q.community} 的地点。请核对编号。",
            f"There is no place {q.community}. Check the id.",
            "community",
        )
    inside = sa.select(Place.id).where(sa.type_coerce(Place.path, sa.Text).contains(f'"{q.community}"'))
    ready = sa.select(Order).where(Order.state == "ready", Order.place.in_(inside)).order_by(Order.id)
    found, room = {}, Counter[str]()
    for row in s.scalars(ready):
        offer = s.get(Offer, row.offer) if row.offer else None
        offer = offer if offer is not None and offer.state == "published" else None
        waiting = s.get(Waiting, row.id)
        promised = waiting is not None and waiting.promoted
        slot = _slot(row, offer, q.at, room, s)
        found[row.id] = Asked(row, offer, slot, promised)
    return found


def _slot(row: Order, offer: Offer | None, now: datetime, room: Counter[str], s: Session) -> Slot | None:
    if offer is None:
        return None
    if row.slot is not None:
        return s.get(Slot, (offer.id, row.slot))
    later = sa.select(Slot).where(Slot.offer == offer.id, Slot.starts >= now).order_by(Slot.starts, Slot.slot)
    slots = list(s.scalars(later))
    chosen = next((slot for slot in slots if _free(slot) > room[_name(slot)]), slots[0] if slots else None)
    if chosen is not None:
        room[_name(chosen)] += 1
    return chosen


def _free(slot: Slot) -> int:
    return slot.capacity - slot.taken - slot.promised


def _name(slot: Slot) -> str:
    return f"{slot.offer}/{slot.slot}"


def _snapshot(at: datetime, asked: dict[str, Asked], s: Session) -> p.Snapshot:
    known = _known({one.row.beneficiary for one in asked.values()}, s)
    slots = {_name(one.slot): one for one in asked.values() if one.slot is not None}
    return p.Snapshot(
        now=_minute(at),
        offset=_in_force(s, CalendarRules).utc_offset_minutes,
        orders=tuple(_order(one, known[one.row.beneficiary], s) for one in asked.values()),
        providers=tuple(_providers(at, s)),
        slots=tuple(p.Slot(id, one.offer.version, _free(one.slot)) for id, one in slots.items() if one.slot and one.offer),
    )


def _order(one: Asked, known: frozenset[str], s: Session) -> p.Order:
    place, slot = s.get(Place, one.row.place), one.slot
    return p.Order(
        id=one.row.id,
        version=one.row.version,
        beneficiary=one.row.beneficiary,
        path=tuple(place.path) if place is not None else (one.row.place,),
        starts=_minute(slot.starts) if slot else None,
        ends=_minute(slot.ends, up=True) if slot else None,
        organisation=one.offer.organisation if one.offer else _whose(one.row, s),
        slot=_name(slot) if slot and not one.promised else None,
        known=known,
    )


def _whose(row: Order, s: Session) -> str | None:
    """Whose offer it was placed from, though that takes no orders now."""
    offer = s.get(Offer, row.offer) if row.offer else None
    return offer.organisation if offer is not None else None


def _known(beneficiaries: Iterable[str], s: Session) -> dict[str, frozenset[str]]:
    """Who has served each of them before: persons and organisations."""
    found: dict[str, set[str]] = defaultdict(set)
    served = sa.select(Order).where(
        Order.beneficiary.in_(sorted(beneficiaries)), Order.state == "closed", Order.closing == "fulfilled"
    )
    for row in s.scalars(served.order_by(Order.id)):
        found[row.beneficiary] |= {id for id in (row.person, row.organisation) if id is not None}
    return defaultdict(frozenset, {who: frozenset(ids) for who, ids in found.items()})


def _providers(at: datetime, s: Session) -> Iterable[p.Provider]:
    served: dict[str, list[Proposal]] = defaultdict(list)
    jobs = Counter[str]()
    for task in s.scalars(sa.select(Proposal).where(Proposal.state.in_(SERVES)).order_by(Proposal.id)):
        served[task.person].append(task)
        jobs[task.organisation] += _recent(task, at)
    areas = {}
    for organisation in s.scalars(sa.select(Organisation).order_by(Organisation.id)):
        id, areas[organisation.id] = organisation.id, frozenset(organisation.places)
        yield p.Provider(id, organisation.version, id, ORGANISATION, areas[id], jobs=jobs[id])
    for person, tasks in served.items():
        most = Counter(task.organisation for task in tasks)
        mine = min(most, key=lambda id: (-most[id], id))
        yield p.Provider(
            id=person,
            version=0,
            organisation=mine,
            areas=areas.get(mine),
            tasks=tuple(_task(task) for task in tasks if task.state in ACTIVE and task.starts and task.ends),
            jobs=sum(_recent(task, at) for task in tasks),
        )


def _recent(task: Proposal, at: datetime) -> bool:
    """Whether it counts as a job of the last 30 days; one without a time does as long as it goes on."""
    return task.state in ACTIVE if task.starts is None else at - FAIR <= task.starts <= at


def _task(task: Proposal) -> p.Task:
    assert task.starts is not None and task.ends is not None
    return p.Task(_minute(task.starts), _minute(task.ends, up=True))


def _minute(at: datetime, up: bool = False) -> int:
    """Whole minutes since 1970, UTC: down, or up."""
    return -(-micros(at) // MINUTE) if up else micros(at) // MINUTE


def _suggestion(one: explain.Suggestion, asked: Asked, s: Session) -> c.Suggestion:
    organisation = Organisation.find(s, one.organisation or one.provider)
    offer, next_ = asked.offer, one.runner_up
    return c.Suggestion(
        order=one.order,
        provider=one.provider,
        organisation=organisation.id,
        offer=offer.id if offer else None,
        slot=asked.slot.slot if asked.slot else None,
        cost=one.cost,
        why=[c.CostPart(name=part.name, metres=part.metres) for part in one.why],
        runner_up=next_
        and c.RunnerUp(provider=next_.provider, cost=next_.cost, code=next_.code, why_not=_words(next_.why_not)),
        suggested_from=c.SuggestedFrom(
            order=one.versions.order, organisation=organisation.version, offer=offer.version if offer else None
        ),
    )


def _words(sentence: explain.Sentence) -> Words:
    return Words(zh=sentence.zh, en=sentence.en)
