"""What a growing plan has taken: whose time, whose tasks of a day, which places; and the checks before it takes more."""

from collections import defaultdict
from itertools import islice

from microgov.services.matching.planner.candidates import Field, Pairing
from microgov.services.matching.planner.rules import clash, complete, left
from microgov.services.matching.planner.snapshot import ORGANISATION, Order, Task

Chosen = dict[int, list[Pairing]]
"""Teams by the index of the order; every team in it is complete."""


class Roster:
    """What a plan has taken so far: people's time, days and places of slots."""

    def __init__(self, field: Field, chosen: Chosen | None = None) -> None:
        self.field = field
        self.chosen: Chosen = {}
        self.busy: dict[int, list[tuple[Task, int]]] = defaultdict(list)
        self.days: dict[tuple[int, int | None], int] = defaultdict(int)
        self.used: dict[str, int] = defaultdict(int)
        for team in (chosen or {}).values():
            self.take(team)

    def take(self, team: list[Pairing]) -> None:
        """Adds the team of an order."""
        order = self.field.orders[team[0].order]
        self.chosen[team[0].order] = sorted(team)
        if order.slot is not None:
            self.used[order.slot] += 1
        for edge in team:
            self.days[edge.provider, self.field.days[edge.order]] += 1
            task = task_of(order)
            if task is not None:
                self.busy[edge.provider].append((task, edge.order))

    def drop(self, n: int) -> list[Pairing]:
        """Removes the team of an order and returns it."""
        order, team = self.field.orders[n], self.chosen.pop(n)
        if order.slot is not None:
            self.used[order.slot] -= 1
        for edge in team:
            self.days[edge.provider, self.field.days[edge.order]] -= 1
            self.busy[edge.provider] = [
                (task, other) for task, other in self.busy[edge.provider] if other != n
            ]
        return team

    def fill(self, n: int) -> list[Pairing] | None:
        """The cheapest team for the order of free providers; None if there is none."""
        field, order = self.field, self.field.orders[n]
        if not self.has_place(order):
            return None
        able = (edge for edge in field.edges(n) if self.in_the_way(edge) is None and self.spare(edge) > 0)
        free = list(able if order.needed > 1 else islice(able, 1))
        seats = [field.providers[edge.provider].seats(order) for edge in free]
        people = [edge for edge, count in zip(free, seats, strict=True) if count == 1]
        teams = [
            self._team(order, people),
            *([edge] for edge, count in zip(free, seats, strict=True) if count > 1),
        ]
        whole = [team for team in teams if complete(order, (field.providers[edge.provider] for edge in team))]
        return min(whole, key=lambda team: sum(edge.cost for edge in team), default=None)

    def _team(self, order: Order, free: list[Pairing]) -> list[Pairing]:
        """The cheapest of these people, with one who can lead if that is needed."""
        team, leads = free[: order.needed], self.field.leads
        if order.lead_needed and not any(leads >> edge.provider & 1 for edge in team):
            team = [*team[: order.needed - 1], *[edge for edge in free if leads >> edge.provider & 1][:1]]
        return team

    def has_place(self, order: Order) -> bool:
        """Whether the order's slot has a place that this plan has not taken."""
        slot = self.field.slots.get(order.slot or "")
        return slot is None or self.used[slot.id] < slot.free

    def in_the_way(self, edge: Pairing) -> int | None:
        """The order of this plan that clashes with this edge for its provider, or None."""
        mine = task_of(self.field.orders[edge.order])
        if mine is None or self.field.providers[edge.provider].role == ORGANISATION:
            return None
        clashing = (
            n
            for task, n in self.busy[edge.provider]
            if n != edge.order and clash(mine, task, self.field.weights)
        )
        return min(clashing, default=None)

    def spare(self, edge: Pairing) -> int:
        """How many more tasks the provider takes on that day; 1 for an organisation, which has no cap."""
        field, provider = self.field, self.field.providers[edge.provider]
        if provider.role == ORGANISATION:
            return 1
        day = field.days[edge.order]
        return left(provider, day, field.snapshot, field.weights) - self.days[edge.provider, day]


def task_of(order: Order) -> Task | None:
    """Time and place of the order as a task; None without a time."""
    return None if order.starts is None or order.ends is None else Task(order.starts, order.ends, order.point)
