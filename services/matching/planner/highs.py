"""HiGHS (MIT licence, the extra `planner`) as the engine `optimal` uses it: one thread and a fixed seed, so that the same
model has the same answer.

First in fractions, which mostly are whole already. The rows about what one person cannot do are many and few of them
matter: those of whom a solution asks too much are added, until it does so of nobody. Where something is still in halves,
whole numbers are asked of a smaller model, of what costs no more than a little beyond the fractions' best, which is a
bound; if the answer lies within that little, nothing that was left out could have been better. Else it is asked of more.
"""

from collections.abc import Iterator
from math import inf
from typing import Any, Protocol

EXACT = 1e-6
ALWAYS = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5}
FRACTIONS = {"presolve": "off", "simplex_scale_strategy": 0, "dual_simplex_cost_perturbation_multiplier": 0.0}
"""What such a problem needs least of: together a third of the time."""
LITTLE = (50.0, 200.0, 10_000.0, inf)
"""Metres."""
Row = tuple[list[int], list[int], int, int]
"""Columns, their coefficients, least and most."""


class NotInstalled(Exception):
    """There is no HiGHS here: the message says in both languages how to install it."""

    zh = "规划引擎 optimal 需要 highspy。请安装：pip install 'microgov[planner]'；或使用引擎 greedy。"
    en = "The engine optimal needs highspy. Install it: pip install 'microgov[planner]'; or use the engine greedy."

    def __init__(self) -> None:
        super().__init__(f"{self.zh} · {self.en}")


class Linear(Protocol):
    """Columns between 0 and 1 at these costs, rows about them, and further rows for what a solution breaks."""

    costs: list[int]
    rows: list[Row]

    def broken(self, values: dict[int, float]) -> list[Row]:
        """Of the columns that are not 0."""


def cheapest(model: Linear) -> list[int]:
    """The columns that are taken in the cheapest solution. Raises NotInstalled."""
    if not model.costs:
        return []
    solver = _Solver(model)
    bound, dear = solver.solved(model.rows), solver.reduced_costs()
    taken = solver.taken()
    if all(value > 1 - EXACT for value in taken.values()):
        return list(taken)
    for little in LITTLE:
        part = _Part(model, [column for column, more in enumerate(dear) if more < little], solver.rows)
        whole = _Solver(part)
        whole.ask_for_whole_numbers()
        if whole.solved(part.rows) - bound <= little:
            break
    return [part.columns[column] for column, value in whole.taken().items() if value > 0.5]


class _Part:
    """The same with these columns only: the others are 0."""

    def __init__(self, model: Linear, columns: list[int], rows: list[Row]) -> None:
        self.model, self.columns = model, columns
        self.places = {column: place for place, column in enumerate(columns)}
        self.costs = [model.costs[column] for column in columns]
        self.rows = list(self._of(rows))

    def _of(self, rows: list[Row]) -> Iterator[Row]:
        for columns, values, least, most in rows:
            pairs = zip(columns, values, strict=True)
            left = [(self.places[column], value) for column, value in pairs if column in self.places]
            yield [place for place, _ in left], [value for _, value in left], least, most

    def broken(self, values: dict[int, float]) -> list[Row]:
        """As the whole model says."""
        return list(self._of(self.model.broken({self.columns[place]: value for place, value in values.items()})))


class _Solver:
    def __init__(self, model: Linear) -> None:
        try:
            import highspy
            import numpy as np
        except ImportError as error:
            raise NotInstalled from error
        self.np, self.highspy, self.model, self.count = np, highspy, model, len(model.costs)
        self.rows: list[Row] = []
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no types of its own
        self._set(ALWAYS | FRACTIONS)
        ones, none, nowhere = np.ones(self.count), np.array([], dtype=np.double), np.array([], dtype=np.int32)
        costs = np.array(model.costs, dtype=np.double)
        self.solver.addCols(self.count, costs, 0 * ones, ones, 0, nowhere, nowhere, none)

    def _set(self, options: dict[str, Any]) -> None:
        for option, value in options.items():
            self.solver.setOptionValue(option, value)

    def solved(self, rows: list[Row]) -> float:
        """Solves with these rows and all that turn out to be broken; returns what it costs."""
        while True:
            self._add(rows)
            self.solver.run()
            rows = self.model.broken(self.taken())
            if not rows:
                return float(self.solver.getObjectiveValue())

    def taken(self) -> dict[int, float]:
        """The columns that are not 0."""
        found = self.np.array(self.solver.getSolution().col_value)
        columns = self.np.flatnonzero(found > EXACT)
        return dict(zip(columns.tolist(), found[columns].tolist(), strict=True))

    def reduced_costs(self) -> list[float]:
        """So much more at least than the best costs a solution that takes the column."""
        return list(self.solver.getSolution().col_dual)

    def ask_for_whole_numbers(self) -> None:
        """From now on."""
        kinds = self.np.full(self.count, self.highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(self.count, self.np.arange(self.count, dtype=self.np.int32), kinds)
        self._set({"presolve": "on"})

    def _add(self, rows: list[Row]) -> None:
        np = self.np
        self.rows += rows
        starts = np.cumsum([0, *(len(columns) for columns, *_ in rows)])[:-1]
        columns = np.array([column for row in rows for column in row[0]], dtype=np.int32)
        values = np.array([value for row in rows for value in row[1]], dtype=np.double)
        least, most = (np.array([row[n] for row in rows], dtype=np.double) for n in (2, 3))
        self.solver.addRows(len(rows), least, most, len(columns), starts.astype(np.int32), columns, values)
