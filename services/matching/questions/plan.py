"""Answers PlanOrders: makes a snapshot of the rows, calls the planner, and returns its plan (domain.md §3.4)."""

from collections import Counter, defaultdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.fields import Words
from microgov.contracts.rules.planner import PlanningRules
from microgov.services.chassis.model import Refused
from microgov.services.chassis.refusals import unknown_community
from microgov.services.matching import planner
from microgov.services.matching.model import Place, rules_in_force
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.order import Order
from microgov.services.matching.orders.waiting_list import Waiting
from microgov.services.matching.planner import explain
from microgov.services.matching.questions.snapshot import OrderToPlan, free_places, slot_id, snapshot
from microgov.services.matching.registry.organisations import Organisation


def plan_orders(q: matching.PlanOrders, s: Session) -> matching.OrdersPlanned:
    """The planner's suggestions; nothing is assigned. Raises `unknown_place` or `engine_missing`."""
    asked, weights = _asked(q, s), rules_in_force(s, PlanningRules)
    try:
        made = planner.plan(snapshot(q.at, asked, s), weights, q.engine)
    except planner.NotInstalled as missing:
        raise Refused("engine_missing", missing.zh, missing.en, "engine") from missing
    rest = [id for id in sorted(asked) if q.after_id is None or id > q.after_id]
    page = set(rest[: q.most])
    return matching.OrdersPlanned(
        community=q.community,
        engine=q.engine,
        at=q.at,
        orders=len(asked),
        suggestions=[_suggestion(one, asked[one.order], s) for one in made.suggestions if one.order in page],
        unplaced=[
            matching.Unplaced(order=one.order, rule=one.rule, why=_words(one.why))
            for one in made.unplaced
            if one.order in page
        ],
        next=rest[q.most - 1] if len(rest) > q.most else None,
    )


def _asked(q: matching.PlanOrders, s: Session) -> dict[str, OrderToPlan]:
    """Id → ready order inside the place, with the slot that it asks for or a slot of its offer. Raises `unknown_place`."""
    if s.get(Place, q.community) is None:
        raise unknown_community(q.community)
    inside = sa.select(Place.id).where(sa.type_coerce(Place.path, sa.Text).contains(f'"{q.community}"'))
    ready = sa.select(Order).where(Order.state == "ready", Order.place.in_(inside)).order_by(Order.id)
    found, room, so_far = {}, Counter[str](), defaultdict[str, set[str]](set)
    for one in q.so_far or []:
        so_far[one.order].add(one.provider)
    for row in s.scalars(ready):
        offer = s.get(Offer, row.offer) if row.offer else None
        offer = offer if offer is not None and offer.state == "published" else None
        waiting = s.get(Waiting, row.id)
        promised = waiting is not None and waiting.promoted
        slot = _slot(row, offer, q.at, room, s)
        found[row.id] = OrderToPlan(row, offer, slot, promised, frozenset(so_far[row.id]))
    return found


def _slot(row: Order, offer: Offer | None, now: datetime, room: Counter[str], s: Session) -> Slot | None:
    """The slot to plan with: the slot that the order asks for; otherwise the offer's first slot after `now` with room
    left in this plan (`room` counts the places that it uses); otherwise the first slot after `now`.
    """
    if offer is None:
        return None
    if row.slot is not None:
        return s.get(Slot, (offer.id, row.slot))
    later = sa.select(Slot).where(Slot.offer == offer.id, Slot.starts >= now).order_by(Slot.starts, Slot.slot)
    slots = list(s.scalars(later))
    chosen = next(
        (slot for slot in slots if free_places(slot) > room[slot_id(slot)]), slots[0] if slots else None
    )
    if chosen is not None:
        room[slot_id(chosen)] += 1
    return chosen


def _suggestion(one: explain.Suggestion, asked: OrderToPlan, s: Session) -> matching.Suggestion:
    organisation = Organisation.find(s, one.organisation or one.provider)
    offer, next_ = asked.offer, one.runner_up
    return matching.Suggestion(
        order=one.order,
        provider=one.provider,
        organisation=organisation.id,
        offer=offer.id if offer else None,
        slot=asked.slot.slot if asked.slot else None,
        cost=one.cost,
        why=[matching.CostPart(name=part.name, metres=part.metres) for part in one.why],
        runner_up=next_
        and matching.RunnerUp(
            provider=next_.provider, cost=next_.cost, code=next_.code, why_not=_words(next_.why_not)
        ),
        suggested_from=matching.SuggestedFrom(
            order=one.versions.order,
            organisation=organisation.version,
            offer=offer.version if offer else None,
        ),
    )


def _words(sentence: explain.Explanation) -> Words:
    return Words(zh=sentence.zh, en=sentence.en)
