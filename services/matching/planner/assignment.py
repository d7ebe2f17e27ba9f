"""The assignment problem, solved by shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957).

The solution is exact, uses whole numbers, and is short enough to need no library.
"""

from collections.abc import Sequence
from math import inf


def assign(costs: Sequence[Sequence[int]]) -> list[int]:
    """Returns for each row a column of its own, so that the sum of costs is the least. `costs[row][column]` must not have
    more rows than columns.
    """
    if not costs:
        return []
    width = len(costs[0])
    rows, columns = [0] * (len(costs) + 1), [0] * (width + 1)
    """The potentials of rows and columns. Row and column 0 are the start of each path."""
    of = [0] * (width + 1)
    """The row to which each column is assigned (0: none)."""
    for row in range(1, len(costs) + 1):
        of[0], back = row, _path(row, costs, rows, columns, of)
        column = back.pop()
        for before in reversed(back):
            of[column] = of[before]
            column = before
    found = [0] * len(costs)
    for column in range(1, width + 1):
        if of[column]:
            found[of[column] - 1] = column - 1
    return found


def _path(
    row: int, costs: Sequence[Sequence[int]], rows: list[int], columns: list[int], of: list[int]
) -> list[int]:
    """An augmenting path for the row, as a list of columns from 0 to a free column; adjusts the potentials."""
    width = len(columns) - 1
    least: list[float] = [inf] * (width + 1)
    came, done, at = [0] * (width + 1), [0], 0
    open_ = list(range(1, width + 1))
    of[0] = row
    while of[at]:
        mine, base = costs[of[at] - 1], rows[of[at]]
        for column in open_:
            slack = mine[column - 1] - base - columns[column]
            if slack < least[column]:
                least[column], came[column] = slack, at
        at = min(open_, key=least.__getitem__)
        step = int(least[at])
        for column in done:
            rows[of[column]] += step
            columns[column] -= step
        for column in open_:
            least[column] -= step
        done.append(at)
        open_.remove(at)
    path = [at]
    while path[-1]:
        path.append(came[path[-1]])
    return path[::-1]
