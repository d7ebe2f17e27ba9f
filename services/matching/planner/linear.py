"""The cheapest whole-number solution of a linear model that adds columns as they become relevant.

First the model is solved without requiring whole numbers, and columns that could improve the solution are added until there
are none; mostly all values are whole then. If some are fractions, the columns tied to them are solved again in whole
numbers, but only those that cost at most `little` more than the fractional optimum, which is a lower bound. If the answer
is within `little` of that bound, no column that was left out could have improved it. Otherwise `little` is raised.
"""

from collections import defaultdict
from math import inf
from typing import Protocol

from microgov.services.matching.planner.highs import EXACT, Column, Row, Solver

LITTLE = (50.0, 200.0, 10_000.0, inf)
"""Values of `little`, in metres."""


class Linear(Protocol):
    """A model of columns between 0 and 1 with costs, and rows; it can add more when asked."""

    costs: list[int]
    rows: list[Row]

    def missing(self, duals: list[float], little: float) -> list[Column]:
        """Adds columns that could cost less than `little` beyond the optimum, given these duals of the rows.

        Rows about the new columns are added after the others.
        """


def cheapest(model: Linear) -> list[int]:
    """The columns taken in the cheapest solution. Raises NotInstalled."""
    if not model.costs:
        return []
    solver = Solver(model.costs)
    fractions(model, solver, 0)
    values = solver.taken()
    if all(value > 1 - EXACT for value in values.values()):
        return list(values)
    for little in LITTLE:
        fractions(model, solver, little)
        values, more = whole_numbers(model, solver, little)
        if more <= little:
            break
    return [column for column, value in values.items() if value > 0.5]


def fractions(model: Linear, solver: Solver, little: float) -> None:
    """Solves in fractions, with all columns that could cost less than `little` beyond the optimum."""
    more = True
    while more:
        solver.add_rows(model.rows[solver.height :])
        solver.run()
        found = model.missing(solver.duals(), little)
        solver.add_columns(found)
        more = bool(found)


def whole_numbers(model: Linear, solver: Solver, little: float) -> tuple[dict[int, float], float]:
    """The best whole-number solution within `little` of the fractional optimum, and its extra cost."""
    values, near = (
        solver.taken(),
        {column for column, more in enumerate(solver.reduced_costs()) if more < little},
    )
    tied, rows = ties([column for column, value in values.items() if value < 1 - EXACT], near, model.rows)
    there = {column: place for place, column in enumerate(tied)}
    whole = Solver([model.costs[column] for column in tied])
    whole.ask_for_whole_numbers()
    whole.add_rows([([there[column] for column in row[0]], *row[1:]) for row in rows])
    whole.run()
    found = {tied[place]: value for place, value in whole.taken().items()}
    more = _cost(model, found) - _cost(
        model, {column: value for column, value in values.items() if column in there}
    )
    return found | {column: value for column, value in values.items() if column not in there}, more


def _cost(model: Linear, values: dict[int, float]) -> float:
    return sum(model.costs[column] * value for column, value in values.items())


def ties(halves: list[int], near: set[int], rows: list[Row]) -> tuple[list[int], list[Row]]:
    """The columns that are fractions, all columns near the optimum that rows tie to them, and those rows.

    The other columns are whole already, and optimal whatever the values of these.
    """
    within: dict[int, list[int]] = defaultdict(list)
    for n, (columns, *_) in enumerate(rows):
        for column in columns:
            within[column].append(n)
    tied, known, todo, found = set(halves), set[int](), list(halves), []
    while todo:
        for n in set(within[todo.pop()]) - known:
            known.add(n)
            row = _among(rows[n], near)
            if _matters(row):
                found.append(n)
                todo += set(row[0]) - tied
                tied.update(row[0])
    return sorted(tied), [_among(rows[n], near) for n in sorted(found)]


def _among(row: Row, near: set[int]) -> Row:
    """The row restricted to the columns in `near`; the others are 0."""
    columns, values, least, most = row
    left = [(column, value) for column, value in zip(columns, values, strict=True) if column in near]
    return [column for column, _ in left], [value for _, value in left], least, most


def _matters(row: Row) -> bool:
    """Whether some values of its columns would violate the row."""
    _, values, least, most = row
    return (
        sum(value for value in values if value > 0) > most
        or sum(value for value in values if value < 0) < least
    )
