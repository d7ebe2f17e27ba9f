"""HiGHS (MIT licence, the extra `planner`), as used by the engine `optimal`.

It runs with one thread and a fixed seed, so that the same model always has the same answer.
"""

from typing import Any

Row = tuple[list[int], list[int], int, int]
"""Columns, their coefficients, lower and upper bound."""
Column = tuple[int, list[int]]
"""Cost, and the rows with this column, with coefficient 1 in each."""
EXACT = 1e-6
"""Values that are this close to a whole number count as whole."""
ALWAYS = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5}
FRACTIONS = {"presolve": "off", "simplex_scale_strategy": 0, "dual_simplex_cost_perturbation_multiplier": 0.0}
"""Options that are fastest for such problems: together a third of the time."""


class NotInstalled(Exception):
    """HiGHS is not installed; the message says in both languages how to install it."""

    zh = "规划引擎 optimal 需要 highspy。请安装：pip install 'microgov[planner]'；或使用引擎 greedy。"
    en = "The engine optimal needs highspy. Install it: pip install 'microgov[planner]'; or use the engine greedy."

    def __init__(self) -> None:
        super().__init__(f"{self.zh} · {self.en}")


class Solver:
    """A linear problem: columns between 0 and 1 with costs, and rows; both can be added. Raises NotInstalled."""

    def __init__(self, costs: list[int]) -> None:
        try:
            import highspy
            import numpy as np
        except ImportError as error:
            raise NotInstalled from error
        self.np, self.highspy, self.height = np, highspy, 0
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no types of its own
        self._set(ALWAYS | FRACTIONS)
        self.add_columns([(cost, []) for cost in costs])

    def _set(self, options: dict[str, Any]) -> None:
        for option, value in options.items():
            self.solver.setOptionValue(option, value)

    def run(self) -> None:
        """Finds the cheapest solution."""
        self.solver.run()

    def taken(self) -> dict[int, float]:
        """The columns that are not 0, with their values."""
        found = self.np.array(self.solver.getSolution().col_value)
        columns = self.np.flatnonzero(found > EXACT)
        return dict(zip(columns.tolist(), found[columns].tolist(), strict=True))

    def reduced_costs(self) -> list[float]:
        """For each column, a lower bound of the extra cost of a solution that takes it."""
        return list(self.solver.getSolution().col_dual)

    def duals(self) -> list[float]:
        """For each row, by how much being in it lowers the cost of a column (dual value)."""
        return list(self.solver.getSolution().row_dual)

    def ask_for_whole_numbers(self) -> None:
        """Requires from now on that the values of the columns are whole numbers."""
        count = self.solver.getNumCol()
        kinds = self.np.full(count, self.highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(count, self.np.arange(count, dtype=self.np.int32), kinds)
        self._set({"presolve": "on"})

    def add_columns(self, columns: list[Column]) -> None:
        """Adds columns after the existing ones."""
        costs, ones = self._doubles(cost for cost, _ in columns), self.np.ones(len(columns))
        starts, rows = self._packed([rows for _, rows in columns])
        self.solver.addCols(
            len(columns), costs, 0 * ones, ones, len(rows), starts, rows, self.np.ones(len(rows))
        )

    def add_rows(self, rows: list[Row]) -> None:
        """Adds rows after the existing ones."""
        self.height += len(rows)
        starts, columns = self._packed([row[0] for row in rows])
        values = self._doubles(value for row in rows for value in row[1])
        least, most = (self._doubles(row[n] for row in rows) for n in (2, 3))
        self.solver.addRows(len(rows), least, most, len(columns), starts, columns, values)

    def _packed(self, lists: list[list[int]]) -> tuple[Any, Any]:
        """The lists concatenated, and the start of each in that array."""
        np = self.np
        starts = np.cumsum([0, *(len(one) for one in lists)])[:-1]
        return starts.astype(np.int32), np.array([n for one in lists for n in one], dtype=np.int32)

    def _doubles(self, values: Any) -> Any:
        return self.np.array(list(values), dtype=self.np.double)
