"""The linear model of the engine `optimal`.

A column for each edge says whether this provider serves this order; rows are the constraints. An order that needs a team
has one more column, which says whether it is served. Serving outweighs every preference, because leaving an order out
costs more than all preferences together. For an order for one person the nearest few providers are columns at first,
and others are added once they could be worth it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from microgov.services.matching.planner.candidates import Field, Pairing, members
from microgov.services.matching.planner.distance import Point, metres, to_wgs84
from microgov.services.matching.planner.highs import EXACT, Column, Row
from microgov.services.matching.planner.roster import Chosen, task_of
from microgov.services.matching.planner.rules import clash, left
from microgov.services.matching.planner.snapshot import ORGANISATION

FIRST = 4
"""The number of providers that are columns from the beginning, for an order for one person."""


class Model:
    """Edges of the orders as columns with costs, and constraints as rows."""

    def __init__(self, field: Field, edges: list[list[Pairing]], first: int | None = FIRST) -> None:
        self.field = field
        self.edges: list[Pairing | None] = []
        """The edge of each column; None for a column that says whether a team is complete."""
        self.orders: list[int] = []
        """The order of each column."""
        self.costs: list[int] = []
        self.rows: list[Row] = []
        self.later: dict[int, list[Pairing]] = {}
        """For each order, edges that are not columns yet, the cheapest first."""
        self.within: dict[int, list[int]] = {}
        """For each order, the rows that a further column of it is in."""
        self.mine: dict[int, list[int]] = defaultdict(list)
        """The columns of each provider that is a person."""
        self.tasks = [task_of(order) for order in field.orders]
        self.known: dict[tuple[int, int], bool] = {}
        """Which pairs of orders clash, as far as computed."""
        self.worth, self.reach = worths(field, edges), reach(field)
        self._slots(
            [
                self._order(n, one, first) if field.orders[n].needed == 1 else self._team(n, one)
                for n, one in enumerate(edges)
            ]
        )
        for p in self.mine:
            self.rows += self.limits(p)

    def _column(self, n: int, edge: Pairing | None, cost: int) -> int:
        column = len(self.costs)
        self.orders.append(n)
        self.edges.append(edge)
        self.costs.append(cost)
        if edge is not None and self.field.providers[edge.provider].role != ORGANISATION:
            self.mine[edge.provider].append(column)
        return column

    def _order(self, n: int, edges: list[Pairing], first: int | None) -> list[int]:
        """Adds an order for one person; returns the columns that say whether it is served."""
        self.within[n] = [len(self.rows)]
        self.later[n] = [] if first is None else edges[first:]
        columns = [self._column(n, edge, edge.cost - self.worth[n]) for edge in edges[:first]]
        self.rows.append(([*columns], [1] * len(columns), 0, 1))
        return columns

    def _team(self, n: int, edges: list[Pairing]) -> list[int]:
        """Adds an order for several people, with a lead if one is needed."""
        order, providers = self.field.orders[n], self.field.providers
        columns = [self._column(n, edge, edge.cost) for edge in edges]
        whole = self._column(n, None, -self.worth[n])
        seats = [providers[edge.provider].seats(order) for edge in edges]
        self.rows.append(([*columns, whole], [*seats, -order.needed], 0, 0))
        if order.lead_needed:
            able = [
                c for c, edge in zip(columns, edges, strict=True) if self.field.leads >> edge.provider & 1
            ]
            self.rows.append(([*able, whole], [1] * len(able) + [-1], 0, order.needed))
        return [whole]

    def _slots(self, served: list[list[int]]) -> None:
        wanted: dict[str, list[int]] = defaultdict(list)
        for n, order in enumerate(self.field.orders):
            if order.slot in self.field.slots:
                wanted[order.slot].append(n)
        for id, orders in wanted.items():
            columns = [column for n in orders for column in served[n]]
            for n in orders:
                self.within.get(n, []).append(len(self.rows))
            self.rows.append((columns, [1] * len(columns), 0, max(0, self.field.slots[id].free)))

    def missing(self, duals: list[float], little: float) -> list[Column]:
        """Adds columns for edges that could cost less than `little` beyond the optimum, and rows of their providers.

        The least extra cost of an edge is its cost minus what its rows say the order is worth.
        """
        found: list[Column] = []
        since, whose = len(self.costs), set[int]()
        for n, edges in self.later.items():
            rest = sum(duals[row] for row in self.within[n]) + self.worth[n] + little
            while edges and edges[0].cost < rest - EXACT:
                whose.add(edges[0].provider)
                found.append((self._next(n, edges.pop(0)), self.within[n]))
        self.rows += [row for p in sorted(whose) for row in self.limits(p) if max(row[0]) >= since]
        return found

    def _next(self, n: int, edge: Pairing) -> int:
        column = self._column(n, edge, edge.cost - self.worth[n])
        for row in self.within[n]:
            self.rows[row][0].append(column)
            self.rows[row][1].append(1)
        return self.costs[column]

    def limits(self, p: int) -> Iterator[Row]:
        """The provider's constraints: the daily cap, and tasks that clash."""
        columns = self.mine.get(p, [])
        yield from ((day, [1] * len(day), 0, cap) for day, cap in self._days(p, columns))
        yield from ((clique, [1] * len(clique), 0, 1) for clique in self.cliques(columns))

    def _days(self, p: int, columns: list[int]) -> Iterator[tuple[list[int], int]]:
        """The provider's columns by day with the cap of tasks, for days on which there could be too many."""
        days: dict[int | None, list[int]] = defaultdict(list)
        for column in columns:
            days[self.field.days[self.orders[column]]].append(column)
        for day, held in days.items():
            cap = left(self.field.providers[p], day, self.field.snapshot, self.field.weights)
            if cap < len(held):
                yield held, cap

    def cliques(self, columns: list[int]) -> Iterator[list[int]]:
        """Sets of columns of which at most one can be taken; together they cover every pair that clashes.

        Internally a set of columns is an integer with a bit for each, in their order.
        """
        near = self._near(columns)
        rest = list(near)
        for column in range(len(columns)):
            while rest[column]:
                clique, able = 1 << column, near[column]
                while able:
                    wanted = able & rest[column] or able
                    lowest = wanted & -wanted
                    clique |= lowest
                    able &= near[lowest.bit_length() - 1]
                places = list(members(clique))
                for place in places:
                    rest[place] &= ~clique
                yield [columns[place] for place in places]

    def _near(self, columns: list[int]) -> list[int]:
        """For each of these columns, the set of columns that it clashes with."""
        timed = [
            (task.starts, place, task.ends)
            for place, c in enumerate(columns)
            if (task := self.tasks[self.orders[c]])
        ]
        timed.sort()
        near = [0] * len(columns)
        for n, (_, a, ends) in enumerate(timed):
            far = ends + self.reach
            for starts, b, _ in islice(timed, n + 1, None):
                if starts >= far:
                    break
                if starts < ends or self.clashing(columns[a], columns[b]):
                    near[a] |= 1 << b
                    near[b] |= 1 << a
        return near

    def clashing(self, column: int, other: int) -> bool:
        """Whether nobody can serve both orders."""
        pair = self.orders[column], self.orders[other]
        known = self.known.get(pair)
        if known is None:
            a, b = self.tasks[pair[0]], self.tasks[pair[1]]
            known = self.known[pair] = a is not None and b is not None and clash(a, b, self.field.weights)
        return known

    def chosen(self, taken: Iterable[int]) -> Chosen:
        """The edges of these columns, by order."""
        found: Chosen = defaultdict(list)
        for column in taken:
            edge = self.edges[column]
            if edge is not None:
                found[edge.order].append(edge)
        return dict(found)


def worths(field: Field, edges: list[list[Pairing]]) -> list[int]:
    """What serving each order is worth: by urgency, more than all preferences together, plus its waiting time."""
    waiting = [field.weights.waited_metres * order.waited for order in field.orders]
    all_of_it = 1 + sum(waiting)
    for order, one in zip(field.orders, edges, strict=True):
        if one:
            all_of_it += order.needed * (max(0, one[-1].cost) - min(0, one[0].cost))
    return [all_of_it * field.weight(order) + days for order, days in zip(field.orders, waiting, strict=True)]


def reach(field: Field) -> int:
    """Upper bound in minutes of the way between any two orders: twice the distance of the farthest from the centre."""
    points = [to_wgs84(order.point) for order in field.orders if order.point is not None]
    if not points:
        return field.weights.travel_minutes
    north, east = [point.latitude for point in points], [point.longitude for point in points]
    middle = Point((min(north) + max(north)) // 2, (min(east) + max(east)) // 2)
    farthest = max(metres(middle, point) for point in points)
    return max(field.weights.travel_minutes, (2 * farthest + 2) // field.weights.metres_per_minute + 1)
