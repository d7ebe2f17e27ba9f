"""The engine `optimal`: what costs least of all that serves the most, by HiGHS, over the nearest providers of each order.

One variable for each edge: whether this provider serves this order. An order that needs a team has one more: whether it
is served. Serving outweighs every preference, since what an order left out costs is more than all of these together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, islice

from services.matching.planner.candidates import Edge, Field
from services.matching.planner.distance import Point, metres, to_wgs84
from services.matching.planner.greedy import fill
from services.matching.planner.highs import EXACT, Row, cheapest
from services.matching.planner.roster import Chosen, Roster, task_of
from services.matching.planner.rules import clash, left
from services.matching.planner.snapshot import ORGANISATION


def solve(field: Field, nearest: int | None = None) -> Chosen:
    """The cheapest plan; what the pruning kept from anybody is filled in after it. `nearest` 0: nothing is pruned."""
    most = field.weights.nearest if nearest is None else nearest
    edges = [field.edges(n, most or None) for n in range(len(field.orders))]
    model = Model(field, edges)
    roster = Roster(field, model.chosen(cheapest(model)))
    settle(roster)
    return fill(roster, [n for n in range(len(field.orders)) if n not in roster.chosen]).chosen


def settle(roster: Roster) -> None:
    """Ties by id: of teams that cost the same, the one that the cheapest and smallest ids make."""
    for n, team in sorted(roster.chosen.items()):
        if not roster.field.same(n, {edge.cost for edge in team}, {edge.provider for edge in team}):
            continue
        roster.drop(n)
        other = roster.fill(n)
        same = other is not None and sum(e.cost for e in other) <= sum(e.cost for e in team)
        roster.take(other if same and other is not None else team)


class Model:
    """The orders' edges as columns, with their costs, and what may not be as rows."""

    def __init__(self, field: Field, edges: list[list[Edge]]) -> None:
        self.field = field
        self.edges = [edge for one in edges for edge in one]
        self.served: dict[int, list[int]] = defaultdict(list)
        """The columns that say whether an order is served: its edges, or for a team one of its own."""
        self.costs = [edge.cost for edge in self.edges]
        self.rows: list[Row] = []
        self.tasks = [task_of(order) for order in field.orders]
        self.known: dict[tuple[int, int], bool] = {}
        """Which pairs of orders clash, as far as somebody asked."""
        self.bound: set[int] = set()
        """The providers of whom it stands in rows what they cannot do together."""
        self.reach = reach(field)
        self.mine: dict[int, list[int]] = defaultdict(list)
        """The columns of each provider who is one person."""
        for column, edge in enumerate(self.edges):
            if field.providers[edge.provider].role != ORGANISATION:
                self.mine[edge.provider].append(column)
        self._orders(edges)
        self._slots()

    def _orders(self, edges: list[list[Edge]]) -> None:
        at, worth = 0, worths(self.field, edges)
        for n, one in enumerate(edges):
            order, columns, at = self.field.orders[n], list(range(at, at + len(one))), at + len(one)
            if order.needed == 1:
                self.served[n] = columns
                self.rows.append((columns, [1] * len(one), 0, 1))
            else:
                whole = len(self.costs)
                self.costs.append(0)
                self.served[n] = [whole]
                seats = [self.field.providers[edge.provider].seats(order) for edge in one]
                self.rows.append(([*columns, whole], [*seats, -order.needed], 0, 0))
                if order.lead_needed:
                    able = [c for c in columns if self.field.leads >> self.edges[c].provider & 1]
                    self.rows.append(([*able, whole], [1] * len(able) + [-1], 0, order.needed))
            for column in self.served[n]:
                self.costs[column] -= worth[n]

    def _slots(self) -> None:
        wanted: dict[str, list[int]] = defaultdict(list)
        for n, columns in self.served.items():
            wanted[self.field.orders[n].slot or ""] += columns
        for id, columns in wanted.items():
            if id in self.field.slots:
                self.rows.append((columns, [1] * len(columns), 0, max(0, self.field.slots[id].free)))

    def broken(self, values: dict[int, float]) -> list[Row]:
        """For each provider who is given more than they can do: all that they cannot do together."""
        taken: dict[int, list[int]] = defaultdict(list)
        for column in values:
            p = self.edges[column].provider if column < len(self.edges) else -1
            if p in self.mine and p not in self.bound:
                taken[p].append(column)
        over = [p for p, held in taken.items() if self._too_much(p, held, values)]
        self.bound |= set(over)
        return [row for p in over for row in self.limits(p)]

    def _too_much(self, p: int, held: list[int], values: dict[int, float]) -> bool:
        if any(values[a] + values[b] > 1 + EXACT and self.clashing(a, b) for a, b in combinations(held, 2)):
            return True
        return len(held) > 1 and any(sum(values[c] for c in day) > cap + EXACT for day, cap in self._days(p, held))

    def limits(self, p: int) -> Iterator[Row]:
        """What the provider cannot do together: so much in a day, and tasks that clash."""
        yield from ((day, [1] * len(day), 0, cap) for day, cap in self._days(p, self.mine[p]))
        yield from ((clique, [1] * len(clique), 0, 1) for clique in self.cliques(self.mine[p]))

    def _days(self, p: int, columns: list[int]) -> Iterator[tuple[list[int], int]]:
        """These columns of the provider by day, and how many tasks they take on it; where that can be too many."""
        days: dict[int | None, list[int]] = defaultdict(list)
        for column in columns:
            days[self.field.days[self.edges[column].order]].append(column)
        for day, held in days.items():
            cap = left(self.field.providers[p], day, self.field.snapshot, self.field.weights)
            if cap < len(held):
                yield held, cap

    def cliques(self, columns: list[int]) -> Iterator[list[int]]:
        """Sets of which one can be done at most; together they hold every pair that clashes."""
        timed = sorted((task.starts, c, task.ends) for c in columns if (task := self.tasks[self.edges[c].order]) is not None)
        near: dict[int, set[int]] = {c: set() for _, c, _ in timed}
        for n, (_, a, ends) in enumerate(timed):
            mine, far = near[a], ends + self.reach
            for starts, b, _ in islice(timed, n + 1, None):
                if starts >= far:
                    break
                if starts < ends or self.clashing(a, b):
                    mine.add(b)
                    near[b].add(a)
        rest = {c: set(others) for c, others in near.items()}
        for column in near:
            while rest[column]:
                clique, able = [column], near[column]
                while able:
                    clique.append(min(able & rest[column] or able))
                    able = able & near[clique[-1]]
                for c in clique:
                    rest[c].difference_update(clique)
                yield sorted(clique)

    def clashing(self, column: int, other: int) -> bool:
        """Whether nobody can do both."""
        pair = self.edges[column].order, self.edges[other].order
        known = self.known.get(pair)
        if known is None:
            a, b = self.tasks[pair[0]], self.tasks[pair[1]]
            known = self.known[pair] = a is not None and b is not None and clash(a, b, self.field.weights)
        return known

    def chosen(self, taken: Iterable[int]) -> Chosen:
        """The edges of these columns, by order."""
        found: Chosen = defaultdict(list)
        for column in taken:
            if column < len(self.edges):
                found[self.edges[column].order].append(self.edges[column])
        return dict(found)


def worths(field: Field, edges: list[list[Edge]]) -> list[int]:
    """What serving each order is worth: by urgency more than all preferences together, and the waiting among those."""
    waiting = [field.weights.waited_metres * order.waited for order in field.orders]
    all_of_it = 1 + sum(waiting)
    for order, one in zip(field.orders, edges, strict=True):
        if one:
            all_of_it += order.needed * (max(0, max(one).cost) - min(0, min(one).cost))
    return [all_of_it * field.weight(order) + days for order, days in zip(field.orders, waiting, strict=True)]


def reach(field: Field) -> int:
    """No way from one order to another takes more minutes: twice the farthest from the middle."""
    points = [to_wgs84(order.point) for order in field.orders if order.point is not None]
    if not points:
        return field.weights.travel_minutes
    north, east = [point.latitude for point in points], [point.longitude for point in points]
    middle = Point((min(north) + max(north)) // 2, (min(east) + max(east)) // 2)
    farthest = max(metres(middle, point) for point in points)
    return max(field.weights.travel_minutes, (2 * farthest + 2) // field.weights.metres_per_minute + 1)
