"""Candidates: who could serve which order at what cost. Each hard rule is evaluated once for all similar orders.

A set of providers is an integer with a bit for each, in the order of ids.
"""

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator
from typing import NamedTuple

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner.distance import Vector, all_apart
from microgov.services.matching.planner.rules import HARD, HardRule
from microgov.services.matching.planner.snapshot import ORGANISATION, Order, Provider, Snapshot


class Pairing(NamedTuple):
    """An order and a provider that no hard rule excludes, by their index in the order of ids; sorts by cost, then id."""

    cost: int
    provider: int
    order: int


class Field:
    """A snapshot sorted by ids, with values derived from it."""

    def __init__(self, snapshot: Snapshot, weights: PlanningRules) -> None:
        self.snapshot, self.weights = snapshot, weights
        self.orders = sorted(snapshot.orders, key=lambda o: o.id)
        self.providers = sorted(snapshot.providers, key=lambda p: p.id)
        self.days = [snapshot.service_day(o) for o in self.orders]
        self.slots = {slot.id: slot for slot in snapshot.slots}
        self.places = {p.id: n for n, p in enumerate(self.providers)}
        self.at: list[Vector | None] = [p.point.vector if p.point else None for p in self.providers]
        self.basis = [self._basis(p) for p in self.providers]
        self.leads = mask(n for n, p in enumerate(self.providers) if p.can_lead())
        self.everybody = (1 << len(self.providers)) - 1
        self._known: dict[int, list[tuple[int, int]]] = {}
        self._answers: dict[tuple[str, Hashable], int] = {}
        self._under = {rule.name: self._index(rule) for rule in HARD if rule.under}

    def _basis(self, p: Provider) -> int:
        """The provider's cost that is the same for every order."""
        return self.weights.fairness_metres * p.jobs + (
            self.weights.unnamed_metres if p.role == ORGANISATION else 0
        )

    def _index(self, rule: HardRule) -> dict[Hashable, int]:
        """For a rule with `under`: the set of providers by each key."""
        found: dict[Hashable, int] = defaultdict(int)
        for n, provider in enumerate(self.providers):
            for key in rule.under(provider, self.snapshot) if rule.under else ():
                found[key] |= 1 << n
        return found

    def excluded(self, rule: HardRule, order: Order, among: int | None = None) -> int:
        """The set of providers excluded from the order by the rule; only those of `among`, where that is less work."""
        if rule.key is None:
            return self._fail(rule, order, self.everybody if among is None else among)
        key = rule.name, rule.key(order, self.snapshot)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._fail(rule, order, self.everybody)
        return known

    def _fail(self, rule: HardRule, order: Order, among: int) -> int:
        """The providers of `among` that fail the rule for this order."""
        look = rule.look and rule.look(order, self.snapshot)
        if look is not None:
            among &= self._under[rule.name].get(look, 0)
        snapshot, weights, providers = self.snapshot, self.weights, self.providers
        asked = range(len(providers)) if among == self.everybody else members(among)
        return mask(n for n in asked if not rule.holds(order, providers[n], snapshot, weights))

    def eligible(self, order: Order) -> int:
        """The set of providers that no rule excludes; empty if the order's slot has no free place."""
        slot = self.slots.get(order.slot or "")
        if slot is not None and slot.free <= 0:
            return 0
        found = self.everybody
        for rule in HARD:
            found &= ~self.excluded(rule, order, found)
        return found

    def edges(self, n: int, most: int | None = None) -> list[Pairing]:
        """Possible providers of order `n`, the cheapest first; `most` of them, and as many who can lead if one is needed."""
        order, found = self.orders[n], self._known.get(n)
        if found is None:
            found = self._known[n] = self._costs(order, self.eligible(order))
        if most is None:
            near = found
        elif order.lead_needed and order.needed > 1:
            able = [pair for pair in found if self.leads >> pair[1] & 1]
            near = sorted({*found[: most + order.needed - 1], *able[:most]})
        else:
            near = found[: most + order.needed - 1]
        return [Pairing(cost, p, n) for cost, p in near]

    def same(self, n: int, costs: Container[int], but: Container[int]) -> bool:
        """Whether a provider not in `but` could serve order `n` at one of these costs."""
        return any(cost in costs and p not in but for cost, p in self._known[n])

    def _costs(self, order: Order, eligible: int) -> list[tuple[int, int]]:
        """(cost, provider) pairs, ascending."""
        able, basis, less = list(members(eligible)), self.basis, self._less(order)
        walks = self._walks(order, able)
        if less:
            return sorted((walk + basis[p] - less.get(p, 0), p) for walk, p in zip(walks, able, strict=True))
        return sorted([(walk + basis[p], p) for walk, p in zip(walks, able, strict=True)])

    def _walks(self, order: Order, able: list[int]) -> list[int]:
        """Walking distance in metres from each of these providers to the order."""
        far, there = self.weights.unknown_metres, [self.at[p] for p in able]
        if order.point is None:
            return [far] * len(able)
        known = iter(all_apart(order.point.vector, (one for one in there if one is not None)))
        return [far if one is None else next(known) for one in there]

    def _less(self, order: Order) -> dict[int, int]:
        """Bonuses for having served this beneficiary, and for being in the plan already."""
        found: dict[int, int] = defaultdict(int)
        for ids, bonus in (
            (order.known, self.weights.continuity_metres),
            (order.planned, self.weights.stability_metres),
        ):
            for id in ids:
                if id in self.places:
                    found[self.places[id]] += bonus
        return found

    def weight(self, order: Order) -> int:
        """How many ordinary orders the order counts as, by its urgency."""
        counts = {"urgent": self.weights.urgent_counts, "emergency": self.weights.emergency_counts}
        return counts.get(order.urgency, 1)


def members(found: int) -> Iterator[int]:
    """The indexes of the bits that are set, ascending."""
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest


def mask(places: Iterable[int]) -> int:
    """The integer with these bits set."""
    found = 0
    for n in places:
        found |= 1 << n
    return found
