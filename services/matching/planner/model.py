"""The linear model of the engine `optimal`.

A column for each pairing says whether this provider serves this order; rows are the constraints. An order that needs a team
has one more column, which says whether it is served. Serving an order outweighs every preference, because leaving it out
costs more than all preferences together. For an order for one person, only the few cheapest providers are columns at first;
others are added once they could improve the solution.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from microgov.services.matching.planner.candidates import Candidates, Pairing, members
from microgov.services.matching.planner.distance import Point, metres, to_wgs84
from microgov.services.matching.planner.highs import EXACT, Column, Row
from microgov.services.matching.planner.roster import Chosen, task_of
from microgov.services.matching.planner.rules import clash, tasks_left
from microgov.services.matching.planner.snapshot import ORGANISATION

FIRST = 4
"""The number of providers that are columns from the beginning, for an order for one person."""


class Model:
    """Pairings of orders and providers as columns with costs, and constraints as rows."""

    def __init__(
        self, candidates: Candidates, pairings: list[list[Pairing]], first: int | None = FIRST
    ) -> None:
        self.candidates = candidates
        self.pairings: list[Pairing | None] = []
        """The pairing of each column; None for a column that says whether a team is complete."""
        self.orders: list[int] = []
        """The order of each column."""
        self.costs: list[int] = []
        self.rows: list[Row] = []
        self.later: dict[int, list[Pairing]] = {}
        """For each order, pairings that are not columns yet, the cheapest first."""
        self.within: dict[int, list[int]] = {}
        """For each order, the rows that a further column of it is in."""
        self.columns_of: dict[int, list[int]] = defaultdict(list)
        """The columns of each provider that is a person."""
        self.tasks = [task_of(order) for order in candidates.orders]
        self.clashes: dict[tuple[int, int], bool] = {}
        """Which pairs of orders clash, as far as computed."""
        self.worth, self.reach = worths(candidates, pairings), reach(candidates)
        self._slots(
            [
                self._order(n, one, first) if candidates.orders[n].needed == 1 else self._team(n, one)
                for n, one in enumerate(pairings)
            ]
        )
        for p in self.columns_of:
            self.rows += self.limits(p)

    def _column(self, n: int, pairing: Pairing | None, cost: int) -> int:
        column = len(self.costs)
        self.orders.append(n)
        self.pairings.append(pairing)
        self.costs.append(cost)
        if pairing is not None and self.candidates.providers[pairing.provider].role != ORGANISATION:
            self.columns_of[pairing.provider].append(column)
        return column

    def _order(self, n: int, pairings: list[Pairing], first: int | None) -> list[int]:
        """Adds an order for one person; returns the columns that say whether it is served."""
        self.within[n] = [len(self.rows)]
        self.later[n] = [] if first is None else pairings[first:]
        columns = [self._column(n, pairing, pairing.cost - self.worth[n]) for pairing in pairings[:first]]
        self.rows.append(([*columns], [1] * len(columns), 0, 1))
        return columns

    def _team(self, n: int, pairings: list[Pairing]) -> list[int]:
        """Adds an order for several people, with a lead if one is needed."""
        order, providers = self.candidates.orders[n], self.candidates.providers
        columns = [self._column(n, pairing, pairing.cost) for pairing in pairings]
        whole = self._column(n, None, -self.worth[n])
        seats = [providers[pairing.provider].seats(order) for pairing in pairings]
        self.rows.append(([*columns, whole], [*seats, -order.needed], 0, 0))
        if order.lead_needed:
            able = [
                c
                for c, pairing in zip(columns, pairings, strict=True)
                if self.candidates.leads >> pairing.provider & 1
            ]
            self.rows.append(([*able, whole], [1] * len(able) + [-1], 0, order.needed))
        return [whole]

    def _slots(self, served: list[list[int]]) -> None:
        wanted: dict[str, list[int]] = defaultdict(list)
        for n, order in enumerate(self.candidates.orders):
            if order.slot in self.candidates.slots:
                wanted[order.slot].append(n)
        for id, orders in wanted.items():
            columns = [column for n in orders for column in served[n]]
            for n in orders:
                self.within.get(n, []).append(len(self.rows))
            self.rows.append((columns, [1] * len(columns), 0, max(0, self.candidates.slots[id].free_places)))

    def missing(self, duals: list[float], little: float) -> list[Column]:
        """Adds columns for pairings that could cost less than `little` beyond the optimum, and rows of their providers.

        The least extra cost of a pairing is its cost minus what its rows say the order is worth.
        """
        found: list[Column] = []
        since, providers = len(self.costs), set[int]()
        for n, pairings in self.later.items():
            rest = sum(duals[row] for row in self.within[n]) + self.worth[n] + little
            while pairings and pairings[0].cost < rest - EXACT:
                providers.add(pairings[0].provider)
                found.append((self._next(n, pairings.pop(0)), self.within[n]))
        self.rows += [row for p in sorted(providers) for row in self.limits(p) if max(row[0]) >= since]
        return found

    def _next(self, n: int, pairing: Pairing) -> int:
        column = self._column(n, pairing, pairing.cost - self.worth[n])
        for row in self.within[n]:
            self.rows[row][0].append(column)
            self.rows[row][1].append(1)
        return self.costs[column]

    def limits(self, p: int) -> Iterator[Row]:
        """The provider's constraints: the daily cap, and tasks that clash."""
        columns = self.columns_of.get(p, [])
        yield from ((day, [1] * len(day), 0, cap) for day, cap in self._days(p, columns))
        yield from ((clique, [1] * len(clique), 0, 1) for clique in self.cliques(columns))

    def _days(self, p: int, columns: list[int]) -> Iterator[tuple[list[int], int]]:
        """The provider's columns by day with the cap of tasks, for days on which there could be too many."""
        days: dict[int | None, list[int]] = defaultdict(list)
        for column in columns:
            days[self.candidates.days[self.orders[column]]].append(column)
        for day, held in days.items():
            cap = tasks_left(
                self.candidates.providers[p], day, self.candidates.snapshot, self.candidates.weights
            )
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
        known = self.clashes.get(pair)
        if known is None:
            a, b = self.tasks[pair[0]], self.tasks[pair[1]]
            known = self.clashes[pair] = (
                a is not None and b is not None and clash(a, b, self.candidates.weights)
            )
        return known

    def chosen(self, taken: Iterable[int]) -> Chosen:
        """The pairings of these columns, by order."""
        found: Chosen = defaultdict(list)
        for column in taken:
            pairing = self.pairings[column]
            if pairing is not None:
                found[pairing.order].append(pairing)
        return dict(found)


def worths(candidates: Candidates, pairings: list[list[Pairing]]) -> list[int]:
    """What serving each order is worth: by urgency, more than all preferences together, plus its waiting time."""
    waiting = [candidates.weights.waited_metres * order.waited for order in candidates.orders]
    all_of_it = 1 + sum(waiting)
    for order, one in zip(candidates.orders, pairings, strict=True):
        if one:
            all_of_it += order.needed * (max(0, one[-1].cost) - min(0, one[0].cost))
    return [
        all_of_it * candidates.weight(order) + days
        for order, days in zip(candidates.orders, waiting, strict=True)
    ]


def reach(candidates: Candidates) -> int:
    """Upper bound in minutes of the way between any two orders: twice the distance of the farthest from the centre."""
    points = [to_wgs84(order.point) for order in candidates.orders if order.point is not None]
    if not points:
        return candidates.weights.travel_minutes
    north, east = [point.latitude for point in points], [point.longitude for point in points]
    middle = Point((min(north) + max(north)) // 2, (min(east) + max(east)) // 2)
    farthest = max(metres(middle, point) for point in points)
    return max(
        candidates.weights.travel_minutes, (2 * farthest + 2) // candidates.weights.metres_per_minute + 1
    )
