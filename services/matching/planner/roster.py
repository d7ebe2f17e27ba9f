"""A plan while it is being made: its teams, the time, days and slots that they use, and which team would still fit."""

from collections import defaultdict
from itertools import islice

from microgov.services.matching.planner.candidates import Candidates, Pairing
from microgov.services.matching.planner.rules import clash, complete, tasks_left
from microgov.services.matching.planner.snapshot import ORGANISATION, Order, Task

Chosen = dict[int, list[Pairing]]
"""Index of an order → its team; every team is complete."""


class Roster:
    """The teams of a plan so far, and what they use.

    `busy`: the tasks of each provider, with their order. `days`: how many tasks each provider has on each day. `used`: how
    many places of each slot are taken. Orders and providers are named by their index in `candidates`.
    """

    def __init__(self, candidates: Candidates, chosen: Chosen | None = None) -> None:
        self.candidates = candidates
        self.chosen: Chosen = {}
        self.busy: dict[int, list[tuple[Task, int]]] = defaultdict(list)
        self.days: dict[tuple[int, int | None], int] = defaultdict(int)
        self.used: dict[str, int] = defaultdict(int)
        for team in (chosen or {}).values():
            self.take(team)

    def take(self, team: list[Pairing]) -> None:
        """Adds the team of an order."""
        order = self.candidates.orders[team[0].order]
        self.chosen[team[0].order] = sorted(team)
        if order.slot is not None:
            self.used[order.slot] += 1
        for pairing in team:
            self.days[pairing.provider, self.candidates.days[pairing.order]] += 1
            task = task_of(order)
            if task is not None:
                self.busy[pairing.provider].append((task, pairing.order))

    def drop(self, order_index: int) -> list[Pairing]:
        """Removes the team of an order and returns it."""
        order, team = self.candidates.orders[order_index], self.chosen.pop(order_index)
        if order.slot is not None:
            self.used[order.slot] -= 1
        for pairing in team:
            self.days[pairing.provider, self.candidates.days[pairing.order]] -= 1
            self.busy[pairing.provider] = [
                (task, other) for task, other in self.busy[pairing.provider] if other != order_index
            ]
        return team

    def cheapest_team(self, order_index: int) -> list[Pairing] | None:
        """The cheapest complete team for the order, of providers who are free; None if there is none."""
        candidates, order = self.candidates, self.candidates.orders[order_index]
        if not self.has_place(order):
            return None
        able = (
            pairing
            for pairing in candidates.pairings(order_index)
            if self.clashing_order(pairing) is None and self.tasks_left(pairing) > 0
        )
        free = list(able if order.needed > 1 else islice(able, 1))
        seats = [candidates.providers[pairing.provider].seats(order) for pairing in free]
        people = [pairing for pairing, count in zip(free, seats, strict=True) if count == 1]
        teams = [
            self._team(order, people),
            *([pairing] for pairing, count in zip(free, seats, strict=True) if count > 1),
        ]
        whole = [
            team
            for team in teams
            if complete(order, (candidates.providers[pairing.provider] for pairing in team))
        ]
        return min(whole, key=lambda team: sum(pairing.cost for pairing in team), default=None)

    def _team(self, order: Order, free: list[Pairing]) -> list[Pairing]:
        """The cheapest of these people, with one who can lead if that is needed."""
        team, leads = free[: order.needed], self.candidates.leads
        if order.lead_needed and not any(leads >> pairing.provider & 1 for pairing in team):
            team = [
                *team[: order.needed - 1],
                *[pairing for pairing in free if leads >> pairing.provider & 1][:1],
            ]
        return team

    def has_place(self, order: Order) -> bool:
        """Whether the order's slot has a place that this plan has not taken."""
        slot = self.candidates.slots.get(order.slot or "")
        return slot is None or self.used[slot.id] < slot.free_places

    def clashing_order(self, pairing: Pairing) -> int | None:
        """An order of this plan that the provider serves and whose time conflicts with this one; None if there is none."""
        mine = task_of(self.candidates.orders[pairing.order])
        if mine is None or self.candidates.providers[pairing.provider].role == ORGANISATION:
            return None
        clashing = (
            n
            for task, n in self.busy[pairing.provider]
            if n != pairing.order and clash(mine, task, self.candidates.weights)
        )
        return min(clashing, default=None)

    def tasks_left(self, pairing: Pairing) -> int:
        """How many more tasks the provider takes on that day; 1 for an organisation, which has no cap."""
        candidates, provider = self.candidates, self.candidates.providers[pairing.provider]
        if provider.role == ORGANISATION:
            return 1
        day = candidates.days[pairing.order]
        return (
            tasks_left(provider, day, candidates.snapshot, candidates.weights)
            - self.days[pairing.provider, day]
        )


def task_of(order: Order) -> Task | None:
    """Time and place of the order as a task; None without a time."""
    return None if order.starts is None or order.ends is None else Task(order.starts, order.ends, order.point)
