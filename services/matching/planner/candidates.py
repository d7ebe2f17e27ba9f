"""Candidates: which provider could serve which order at what cost. Each hard rule is evaluated once for all similar orders.

A set of providers is an integer with one bit for each provider, in the order of their ids.
"""

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator
from typing import NamedTuple

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner.distance import Vector, vector_distances
from microgov.services.matching.planner.rules import HARD, HardRule
from microgov.services.matching.planner.snapshot import ORGANISATION, Order, Provider, Snapshot


class Pairing(NamedTuple):
    """An order and a provider whom no hard rule excludes, with the cost in metres. Both are given by their index in the
    order of ids, so pairings sort by cost, then by provider.
    """

    cost: int
    provider: int
    order: int


class Candidates:
    """The orders and providers of a snapshot, sorted by ids, and which provider could serve which order at what cost.

    Orders and providers are named by their index. `leads` and `everybody` are sets of providers. `days`: the local day of
    each order. `vectors`: where each provider is. `fixed_costs`: the part of each provider's cost that is the same for
    every order.
    """

    def __init__(self, snapshot: Snapshot, weights: PlanningRules) -> None:
        self.snapshot, self.weights = snapshot, weights
        self.orders = sorted(snapshot.orders, key=lambda o: o.id)
        self.providers = sorted(snapshot.providers, key=lambda p: p.id)
        self.days = [snapshot.service_day(o) for o in self.orders]
        self.slots = {slot.id: slot for slot in snapshot.slots}
        self.index_of = {p.id: n for n, p in enumerate(self.providers)}
        self.vectors: list[Vector | None] = [p.point.vector if p.point else None for p in self.providers]
        self.fixed_costs = [self._fixed_cost(p) for p in self.providers]
        self.leads = mask(n for n, p in enumerate(self.providers) if p.can_lead())
        self.everybody = (1 << len(self.providers)) - 1
        self._pairs_of: dict[int, list[tuple[int, int]]] = {}
        self._excluded_by_key: dict[tuple[str, Hashable], int] = {}
        self._providers_by_key = {rule.name: self._index(rule) for rule in HARD if rule.provider_keys}

    def _fixed_cost(self, p: Provider) -> int:
        """The provider's cost that is the same for every order."""
        return self.weights.fairness_metres * p.jobs + (
            self.weights.unnamed_metres if p.role == ORGANISATION else 0
        )

    def _index(self, rule: HardRule) -> dict[Hashable, int]:
        """For a rule with `provider_keys`: the set of providers by each key."""
        found: dict[Hashable, int] = defaultdict(int)
        for n, provider in enumerate(self.providers):
            for key in rule.provider_keys(provider, self.snapshot) if rule.provider_keys else ():
                found[key] |= 1 << n
        return found

    def excluded(self, rule: HardRule, order: Order, among: int | None = None) -> int:
        """The set of providers whom the rule excludes from the order. If a rule has no `key`, only providers of `among` are
        checked.
        """
        if rule.key is None:
            return self._fail(rule, order, self.everybody if among is None else among)
        key = rule.name, rule.key(order, self.snapshot)
        known = self._excluded_by_key.get(key)
        if known is None:
            known = self._excluded_by_key[key] = self._fail(rule, order, self.everybody)
        return known

    def _fail(self, rule: HardRule, order: Order, among: int) -> int:
        """The providers of `among` that fail the rule for this order."""
        order_key = rule.order_key and rule.order_key(order, self.snapshot)
        if order_key is not None:
            among &= self._providers_by_key[rule.name].get(order_key, 0)
        snapshot, weights, providers = self.snapshot, self.weights, self.providers
        asked = range(len(providers)) if among == self.everybody else members(among)
        return mask(n for n in asked if not rule.holds(order, providers[n], snapshot, weights))

    def eligible(self, order: Order) -> int:
        """The set of providers that no rule excludes; empty if the order's slot has no free place."""
        slot = self.slots.get(order.slot or "")
        if slot is not None and slot.free_places <= 0:
            return 0
        found = self.everybody
        for rule in HARD:
            found &= ~self.excluded(rule, order, found)
        return found

    def pairings(self, n: int, most: int | None = None) -> list[Pairing]:
        """The pairings of order `n`, the cheapest first. With `most`: about that many for each person needed and, if a team
        needs a lead, as many providers who can lead.
        """
        order, found = self.orders[n], self._pairs_of.get(n)
        if found is None:
            found = self._pairs_of[n] = self._costs(order, self.eligible(order))
        if most is None:
            near = found
        elif order.lead_needed and order.needed > 1:
            able = [pair for pair in found if self.leads >> pair[1] & 1]
            near = sorted({*found[: most + order.needed - 1], *able[:most]})
        else:
            near = found[: most + order.needed - 1]
        return [Pairing(cost, p, n) for cost, p in near]

    def has_another(self, n: int, costs: Container[int], team: Container[int]) -> bool:
        """Whether a provider who is not in the team could serve order `n` at one of these costs."""
        return any(cost in costs and p not in team for cost, p in self._pairs_of[n])

    def _costs(self, order: Order, eligible: int) -> list[tuple[int, int]]:
        """The pairs (cost in metres, provider), ascending."""
        able, fixed_costs, bonuses = list(members(eligible)), self.fixed_costs, self._bonuses(order)
        walks = self._walks(order, able)
        if bonuses:
            return sorted(
                (walk + fixed_costs[p] - bonuses.get(p, 0), p) for walk, p in zip(walks, able, strict=True)
            )
        return sorted([(walk + fixed_costs[p], p) for walk, p in zip(walks, able, strict=True)])

    def _walks(self, order: Order, able: list[int]) -> list[int]:
        """Walking distance in metres from each of these providers to the order."""
        far, there = self.weights.unknown_metres, [self.vectors[p] for p in able]
        if order.point is None:
            return [far] * len(able)
        known = iter(vector_distances(order.point.vector, (one for one in there if one is not None)))
        return [far if one is None else next(known) for one in there]

    def _bonuses(self, order: Order) -> dict[int, int]:
        """Provider → the metres that are deducted because the provider has served this beneficiary before, or is in the plan
        already.
        """
        found: dict[int, int] = defaultdict(int)
        for ids, bonus in (
            (order.served_before, self.weights.continuity_metres),
            (order.planned, self.weights.stability_metres),
        ):
            for id in ids:
                if id in self.index_of:
                    found[self.index_of[id]] += bonus
        return found

    def weight(self, order: Order) -> int:
        """As how many ordinary orders the order counts, by its urgency."""
        counts = {"urgent": self.weights.urgent_counts, "emergency": self.weights.emergency_counts}
        return counts.get(order.urgency, 1)


def members(providers: int) -> Iterator[int]:
    """The indexes of the bits that are set, ascending."""
    while providers:
        lowest = providers & -providers
        yield lowest.bit_length() - 1
        providers ^= lowest


def mask(indexes: Iterable[int]) -> int:
    """The integer with these bits set."""
    found = 0
    for n in indexes:
        found |= 1 << n
    return found
