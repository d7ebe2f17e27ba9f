"""Explanations in both languages: why a provider is suggested, who would have been next and why not, and why an order has no
suggestion.
"""

from collections.abc import Iterator
from typing import NamedTuple

from microgov.services.matching.planner.candidates import Candidates, Pairing
from microgov.services.matching.planner.distance import metres
from microgov.services.matching.planner.roster import Roster
from microgov.services.matching.planner.rules import HARD
from microgov.services.matching.planner.snapshot import ORGANISATION, Order, Provider


class Explanation(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


class CostPart(NamedTuple):
    """A part of a provider's cost, in metres; the part named `distance` or `unknown` comes first."""

    name: str
    metres: int


class RunnerUp(NamedTuple):
    """The provider who would have been next for the order, at what cost in metres, and why they were not chosen."""

    provider: str
    cost: int
    code: str
    why_not: Explanation


class Versions(NamedTuple):
    """The versions of the rows from which a suggestion was computed; `slot` is None without a slot."""

    order: int
    provider: int
    slot: int | None


class Suggestion(NamedTuple):
    """A provider suggested for an order; the parts in `why` sum up to `cost`."""

    order: str
    provider: str
    organisation: str | None
    cost: int
    why: tuple[CostPart, ...]
    runner_up: RunnerUp | None
    versions: Versions


class Unplaced(NamedTuple):
    """An order without a suggestion. `rule` names the rule that excluded the most providers, and `excluded` their number; if
    no rule is the reason, `rule` names another reason.
    """

    order: str
    rule: str
    excluded: int
    why: Explanation
    version: int


def suggestions(roster: Roster) -> Iterator[Suggestion]:
    """The suggestions, by order and provider."""
    candidates = roster.candidates
    for n, team in sorted(roster.chosen.items()):
        order, slot = candidates.orders[n], candidates.slots.get(candidates.orders[n].slot or "")
        near = candidates.pairings(n)
        for pairing in sorted(team, key=lambda e: e.provider):
            provider = candidates.providers[pairing.provider]
            yield Suggestion(
                order.id,
                provider.id,
                provider.organisation,
                pairing.cost,
                parts(order, provider, candidates),
                _runner_up(pairing, team, near, roster),
                Versions(order.version, provider.version, slot.version if slot else None),
            )


def parts(order: Order, provider: Provider, candidates: Candidates) -> tuple[CostPart, ...]:
    """The parts of the provider's cost for this order, without those that are zero."""
    w = candidates.weights
    known = order.point is not None and provider.point is not None
    walk = metres(order.point, provider.point) if order.point and provider.point else w.unknown_metres
    rest = (
        CostPart("fairness", w.fairness_metres * provider.jobs),
        CostPart("continuity", -w.continuity_metres * (provider.id in order.served_before)),
        CostPart("stability", -w.stability_metres * (provider.id in order.planned)),
        CostPart("unnamed", w.unnamed_metres * (provider.role == ORGANISATION)),
    )
    return CostPart("distance" if known else "unknown", walk), *(part for part in rest if part.metres)


def _runner_up(pairing: Pairing, team: list[Pairing], near: list[Pairing], roster: Roster) -> RunnerUp | None:
    mine = {one.provider for one in team}
    other = next((one for one in near if one.provider not in mine), None)
    if other is None:
        return None
    return RunnerUp(
        roster.candidates.providers[other.provider].id, other.cost, *_why_not(pairing, other, roster)
    )


def _why_not(pairing: Pairing, other: Pairing, roster: Roster) -> tuple[str, Explanation]:
    candidates, more = roster.candidates, other.cost - pairing.cost
    if (n := roster.clashing_order(other)) is not None:
        id = candidates.orders[n].id
        return "busy", Explanation(
            f"该时段建议其服务点单 {id}", f"is suggested for the order {id} at that time"
        )
    if roster.tasks_left(other) <= 0:
        return "day_full", Explanation(
            "当日建议的服务已达上限", "has all the tasks of that day that they take"
        )
    if more > 0:
        return "dearer", Explanation(f"成本多 {more} 米", f"costs {more} m more")
    if more == 0:
        return "tie", Explanation("成本相同，按编号取先", "costs the same; the smaller id goes first")
    return "team", Explanation("该单须有社工带队", "the order needs a social worker who leads")


def unplaced(roster: Roster) -> Iterator[Unplaced]:
    """The orders without a suggestion, by id."""
    candidates = roster.candidates
    for n, order in enumerate(candidates.orders):
        if n not in roster.chosen:
            yield Unplaced(order.id, *_reason(n, order, roster), order.version)


def _reason(n: int, order: Order, roster: Roster) -> tuple[str, int, Explanation]:
    candidates, everybody = roster.candidates, len(roster.candidates.providers)
    if not everybody:
        return "nobody", 0, Explanation("没有可用的服务者", "There is nobody who serves.")
    if not roster.has_place(order):
        return "slot_full", 0, Explanation("该时段已无名额", "Its slot has no free place.")
    able = candidates.eligible(order)
    if able:
        return _short(able.bit_count(), order)
    counts = [(candidates.excluded(rule, order).bit_count(), rule) for rule in HARD]
    most = max(count for count, _ in counts)
    rule = next(rule for count, rule in counts if count == most)
    zh, en = f"{everybody} 位服务者中 {most} 位{rule.zh}", f"{most} of {everybody} {rule.en}."
    return rule.name, most, Explanation(zh, en)


def _short(able: int, order: Order) -> tuple[str, int, Explanation]:
    """The reason if some providers could serve, but not enough of them are free."""
    if order.needed == 1:
        return (
            "taken",
            0,
            Explanation(f"能服务的 {able} 位都另有安排", f"All {able} who could are taken by other orders."),
        )
    lead = ("，且须有社工带队", " with a social worker who leads") if order.lead_needed else ("", "")
    return (
        "team",
        0,
        Explanation(
            f"需 {order.needed} 人{lead[0]}，能服务的 {able} 位中凑不齐",
            f"It needs {order.needed} people{lead[1]}; of the {able} who could, not enough are free.",
        ),
    )
