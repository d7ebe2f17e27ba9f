"""Assignment problems with a published optimum: the engine `optimal` and the assignment solver find it."""

import itertools
from dataclasses import dataclass, field
from random import Random

import pytest

from microgov.services.matching.planner import Order, Provider, Snapshot
from microgov.services.matching.planner.assignment import assign
from microgov.services.matching.planner.candidates import Candidates
from microgov.services.matching.planner.highs import Column, Row
from microgov.services.matching.planner.linear import cheapest
from microgov.services.matching.planner.optimal import solve
from tests.matching.planner.town import NOW, WEIGHTS

Costs = list[list[int]]
MACHOL_WIEN = 40
PUBLISHED: dict[str, tuple[Costs, int]] = {
    "the example of the documentation of SciPy's linear_sum_assignment": (
        [[4, 1, 3], [2, 0, 5], [3, 2, 2]],
        5,
    ),
    "the example of the assignment guide of Google OR-Tools (CC BY 4.0), tasks by workers": (
        [[90, 35, 125, 45, 50], [80, 85, 95, 110, 100], [75, 55, 90, 95, 90], [70, 65, 95, 115, 100]],
        265,
    ),
    "the example of problem 345 of Project Euler, whose greatest sum is 3315": (
        [
            [-7, -53, -183, -439, -863],
            [-497, -383, -563, -79, -973],
            [-287, -63, -343, -169, -583],
            [-627, -343, -773, -959, -943],
            [-767, -473, -103, -699, -303],
        ],
        -3315,
    ),
    "Machol and Wien, A hard assignment problem, Operations Research 24 (1976): the costs are i · j": (
        [[i * j for j in range(1, MACHOL_WIEN + 1)] for i in range(1, MACHOL_WIEN + 1)],
        MACHOL_WIEN * (MACHOL_WIEN + 1) * (MACHOL_WIEN + 2) // 6,
    ),
}


class GivenCosts(Candidates):
    """Candidates with an order for each row and a provider for each column, all at one time, at these costs."""

    def __init__(self, costs: Costs) -> None:
        self.given = costs
        orders = (Order(f"o-{n:03}", 1, "b", ("town",), starts=NOW, ends=NOW + 60) for n in range(len(costs)))
        providers = (Provider(f"p-{n:03}", 1) for n in range(len(costs[0])))
        super().__init__(Snapshot(NOW, tuple(orders), tuple(providers)), WEIGHTS)

    def _costs(self, order: Order, eligible: int) -> list[tuple[int, int]]:
        """The given cost and the index of each provider, the cheapest first."""
        return sorted((cost, p) for p, cost in enumerate(self.given[self.orders.index(order)]))


@pytest.mark.parametrize(
    ("costs", "optimum"), PUBLISHED.values(), ids=lambda value: "" if isinstance(value, int) else "x"
)
def test_the_published_optimum_is_found(costs: Costs, optimum: int) -> None:
    found = solve(GivenCosts(costs), nearest=0)

    assert sum(pairing.cost for team in found.values() for pairing in team) == optimum
    assert len(found) == len(costs)
    assert sum(row[column] for row, column in zip(costs, assign(costs), strict=True)) == optimum


def test_the_assignment_solver_is_as_good_as_exhaustive_search() -> None:
    random = Random(1)
    for _ in range(300):
        rows = random.randint(1, 5)
        columns = random.randint(rows, 6)
        costs = [[random.randint(-9, 30) for _ in range(columns)] for _ in range(rows)]

        found = assign(costs)

        every = itertools.permutations(range(columns), rows)
        assert len(set(found)) == rows
        assert sum(costs[r][found[r]] for r in range(rows)) == min(
            sum(costs[r][p[r]] for r in range(rows)) for p in every
        )


def test_every_order_is_served_even_if_pruned_to_the_nearest_provider() -> None:
    costs = PUBLISHED["the example of the documentation of SciPy's linear_sum_assignment"][0]

    assert len(solve(GivenCosts(costs), nearest=1)) == 3


@dataclass
class ModelByHand:
    """A linear model written by hand; `later` holds columns that are added once they could improve the solution."""

    costs: list[int]
    rows: list[Row]
    later: list[Column] = field(default_factory=list)

    def missing(self, duals: list[float], little: float) -> list[Column]:
        """Adds the columns of `later` whose reduced cost is below `little`, and returns them."""
        found = [
            (cost, rows)
            for cost, rows in self.later
            if cost - sum(duals[row] for row in rows) < little - 1e-6
        ]
        for cost, rows in found:
            self.later.remove((cost, rows))
            for row in rows:
                self.rows[row][0].append(len(self.costs))
                self.rows[row][1].append(1)
            self.costs.append(cost)
        return found


def pairwise_exclusive() -> list[Row]:
    """Three columns of which no two may be chosen together: the best fractional solution takes half of each."""
    return [([a, b], [1, 1], 0, 1) for a, b in ((0, 1), (1, 2), (0, 2))]


@pytest.mark.parametrize("worth", [10, 1000, 10_000_000])
def test_a_fractional_optimum_is_solved_in_whole_numbers(worth: int) -> None:
    """The gap to the fractional optimum is within the first value of `LITTLE`, within a later one, or above 10,000."""
    assert cheapest(ModelByHand([-worth, -worth - 1, -worth], pairwise_exclusive())) == [1]


def test_columns_independent_of_the_fractional_ones_are_kept() -> None:
    rows: list[Row] = [*pairwise_exclusive(), ([3, 4], [1, 1], 0, 1), ([0, 4], [1, 1], 0, 2)]

    assert sorted(cheapest(ModelByHand([-10, -11, -10, -5, -6], rows))) == [1, 4]


def test_a_pruned_column_is_added_if_it_could_improve_the_solution() -> None:
    """In fractions the fourth column costs 200 more than the best solution; in whole numbers it is the best one."""
    rows: list[Row] = [*pairwise_exclusive(), ([0, 1, 2, 3], [2, 2, 2, 3], 0, 3)]

    assert cheapest(ModelByHand([-1000, -1000, -1000, -1300], rows)) == [3]


@pytest.mark.parametrize("cost", [-12, -2000])
def test_a_later_column_is_added_once_it_could_improve_the_solution(cost: int) -> None:
    """A cost of -2000 improves the fractional solution; -12 only the whole-number one, since three halves cost -15."""
    model = ModelByHand([-10, -10, -10], pairwise_exclusive(), [(cost, [0, 1, 2]), (5000, [0])])

    assert cheapest(model) == [3]
    assert (5000, [0]) in model.later
