"""The hard rules (domain.md §3.4): each decides whether a provider may serve an order, and has the words for why not.

A rule names what it depends on in an order (`key`), so that it is evaluated once for all orders that are equal in this.
If most providers cannot fail a rule, it names keys to find those who can (`provider_keys`). tests/matching/planner compares
the engines with the plain predicates.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner.distance import Point, metres
from microgov.services.matching.planner.snapshot import DAY, ORGANISATION, Order, Provider, Snapshot, Task

Holds = Callable[[Order, Provider, Snapshot, PlanningRules], bool]


def offer(order: Order, provider: Provider, _: Snapshot, __: PlanningRules) -> bool:
    """The provider belongs to the organisation whose offer was ordered."""
    return order.organisation is None or provider.organisation == order.organisation


def area(order: Order, provider: Provider, _: Snapshot, __: PlanningRules) -> bool:
    """The provider serves at the order's place or at a place above it."""
    return provider.areas is None or not provider.areas.isdisjoint(order.path)


def qualification(order: Order, provider: Provider, snapshot: Snapshot, _: PlanningRules) -> bool:
    """The provider has all required qualifications, valid on the day of the service (I7) or, if that is not known, today."""
    if not order.requires:
        return True
    day = snapshot.service_day(order)
    day = snapshot.day(snapshot.now) if day is None else day
    valid = {q.name for q in provider.qualifications if q.until is None or q.until >= day}
    return order.requires <= valid


def language(order: Order, provider: Provider, _: Snapshot, __: PlanningRules) -> bool:
    """The provider speaks the language or dialect that the order asks for."""
    return order.language is None or order.language in (provider.languages or ())


def availability(order: Order, provider: Provider, _: Snapshot, __: PlanningRules) -> bool:
    """One of the provider's windows contains the whole service."""
    if provider.windows is None or order.starts is None or order.ends is None:
        return True
    for window in provider.windows:  # noqa: SIM110  # `any` of an expression takes three times as long
        if window.starts <= order.starts and order.ends <= window.ends:
            return True
    return False


def overlap(order: Order, provider: Provider, _: Snapshot, weights: PlanningRules) -> bool:
    """No task of the provider overlaps the service, including the way between them (I2)."""
    if order.starts is None or order.ends is None or provider.role == ORGANISATION:
        return True
    for task in provider.tasks:
        gap = max(task.starts - order.ends, order.starts - task.ends)
        if gap < 0 or gap < way(order.point, task.point, weights):
            return False
    return True


def daily_cap(order: Order, provider: Provider, snapshot: Snapshot, weights: PlanningRules) -> bool:
    """The provider's daily cap leaves room on that day."""
    return (
        provider.role == ORGANISATION
        or tasks_left(provider, snapshot.service_day(order), snapshot, weights) > 0
    )


def conflict(order: Order, provider: Provider, _: Snapshot, __: PlanningRules) -> bool:
    """The provider is not the beneficiary, and may serve the beneficiary."""
    return order.beneficiary != provider.id and order.beneficiary not in provider.conflicts


def team(order: Order, provider: Provider, _: Snapshot, __: PlanningRules) -> bool:
    """If the order is for one person and needs a lead, the provider can lead."""
    return not (order.lead_needed and order.needed == 1) or provider.can_lead()


def complete(order: Order, providers: Iterable[Provider]) -> bool:
    """Whether the team is complete: as many people as needed, nobody twice, and a lead if one is needed (I6)."""
    team = {provider.id: provider for provider in providers}.values()
    whole = sum(provider.seats(order) for provider in team) == order.needed
    return whole and (not order.lead_needed or any(provider.can_lead() for provider in team))


def clash(a: Task, b: Task, weights: PlanningRules) -> bool:
    """Whether nobody can do both tasks, because their half-open intervals overlap or leave too little time for the way."""
    gap = max(b.starts - a.ends, a.starts - b.ends)
    return gap < 0 or gap < way(a.point, b.point, weights)


def way(a: Point | None, b: Point | None, weights: PlanningRules) -> int:
    """Minutes on foot between two points; `travel_minutes` of the rules if a pin is missing."""
    if a is None or b is None:
        return weights.travel_minutes
    return -(-metres(a, b) // weights.metres_per_minute)


def tasks_left(provider: Provider, day: int | None, snapshot: Snapshot, weights: PlanningRules) -> int:
    """How many more tasks the provider takes on that local day. Orders without a day (None) are limited together, as if all
    were on the same day.
    """
    cap = weights.daily_cap if provider.daily_cap is None else provider.daily_cap
    return cap - sum(day is not None and snapshot.day(task.starts) == day for task in provider.tasks)


Key = Callable[[Order, Snapshot], Hashable]


@dataclass(frozen=True)
class HardRule:
    """A hard rule; `zh` and `en` describe the providers that it excludes.

    `provider_keys` gives the keys under which a provider who can fail the rule is found, `order_key` the key of the order
    (None: every provider is checked). A rule with `provider_keys` is evaluated for each order separately.
    """

    name: str
    zh: str
    en: str
    holds: Holds
    key: Key | None = None
    provider_keys: Callable[[Provider, Snapshot], Iterable[Hashable]] | None = None
    order_key: Key | None = None


def _days(provider: Provider, snapshot: Snapshot) -> Iterable[int]:
    for task in provider.tasks:
        yield from range(snapshot.day(task.starts) - 2, snapshot.day(task.ends) + 2)


def _day(order: Order, snapshot: Snapshot) -> int | None:
    short = order.starts is not None and order.ends is not None and order.ends - order.starts <= DAY
    return snapshot.service_day(order) if short else None


HARD = (
    HardRule(
        "offer",
        "不属于所点出单的组织",
        "are not of the organisation whose offer it is",
        offer,
        lambda o, s: o.organisation,
    ),
    HardRule("area", "不在该处服务", "do not serve there", area, lambda o, s: o.path),
    HardRule(
        "qualification",
        "没有服务当日有效的资质",
        "have no qualification that is valid on that day",
        qualification,
        lambda o, s: (o.requires, s.service_day(o)),
    ),
    HardRule(
        "language", "不会所需的语言或方言", "do not speak the language", language, lambda o, s: o.language
    ),
    HardRule(
        "availability",
        "该时段没有空",
        "are not available then",
        availability,
        lambda o, s: (o.starts, o.ends),
    ),
    HardRule(
        "team",
        "不是带队社工",
        "are no social worker, who leads",
        team,
        lambda o, s: o.lead_needed and o.needed == 1,
    ),
    HardRule(
        "overlap",
        "同时段已有其他服务（含路程）",
        "have another task then, or no time for the way",
        overlap,
        provider_keys=_days,
        order_key=_day,
    ),
    HardRule(
        "daily_cap",
        "当日已达上限",
        "have all the tasks of that day that they take",
        daily_cap,
        lambda o, s: s.service_day(o),
    ),
    HardRule(
        "conflict",
        "不宜为此人服务",
        "may not serve this person",
        conflict,
        provider_keys=lambda p, s: (p.id, *p.conflicts),
        order_key=lambda o, s: o.beneficiary,
    ),
)
