"""The figures that are measured, and the file that keeps every run.

bench/results.json is a list of runs, oldest first. A run says when (UTC), on which commit and on what machine it was
measured, and holds the values of the figures that it measured, and no others.
"""

import json
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench/results.json"
NOT_CODE = (":!bench/results.json", ":!docs/performance.md")
"""What a run itself changes: the commit that was measured stays the same."""


class Figure(NamedTuple):
    """One line of the tables: name, description (`words`), unit and goal. `name` begins with the part that `--only`
    takes.

    `goal` is the goal in words; `at_least` or `at_most` is the number in it that the median has to reach or may not exceed,
    in the same unit. Both are None if the goal is no number, or if there is none.
    """

    name: str
    words: str
    unit: str = ""
    goal: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def is_met_by(self, median: float) -> bool | None:
        """Whether the median meets the goal; None if the figure has no goal in numbers."""
        if self.at_least is not None:
            return median >= self.at_least
        return median <= self.at_most if self.at_most is not None else None


FIGURES = (
    Figure(
        "P1",
        "durable throughput, divided by the naive service",
        " ×",
        "≥ 40 ×, no round below 30 ×",
        at_least=40,
    ),
    Figure(
        "P1 on SQLite",
        "the same loop on SQLite, divided by the naive service on PostgreSQL",
        " ×",
        "≥ 30 ×",
        at_least=30,
    ),
    Figure(
        "P1 full mix",
        "whole lives of issues in 31 commands, divided by the naive service",
        " ×",
        "≥ 40 ×",
        at_least=40,
    ),
    Figure(
        "P1 orders",
        "whole lives of orders in 10 commands, divided by the naive service",
        " ×",
        "≥ 40 ×",
        at_least=40,
    ),
    Figure("P2", "divided by the hand-written pipeline", "", "≥ 0.5", at_least=0.5),
    Figure(
        "P3 50/s, p50",
        "from an accepted command to the notice in an inbox, at 50 a second",
        " ms",
        "≤ 30 ms",
        at_most=30,
    ),
    Figure("P3 50/s, p99", "", " ms", "≤ 150 ms", at_most=150),
    Figure(
        "P3 half of the peak, p50",
        "the same at half of the rate at which a backlog is worked off",
        " ms",
        "≤ 30 ms",
        at_most=30,
    ),
    Figure("P3 half of the peak, p99", "", " ms", "≤ 150 ms", at_most=150),
    Figure("P4", "replay in memory, all decisions checked", "/s", "≥ 10,000/s", at_least=10_000),
    Figure("P4 one at a time", "the same with each message in a transaction of its own", "/s"),
    Figure("P4 decoding alone", "reading and checking the messages alone, of that", "/s"),
    Figure(
        "P5",
        "a message's cost with 1,000,000 issues in the database, divided by that with 10,000",
        "",
        "≤ 1.2",
        at_most=1.2,
    ),
    Figure("P5 orders", "the same with past orders", "", "≤ 1.2", at_most=1.2),
    Figure("P7 warm", "`make up` until a command is accepted", " s", "≤ 3 s", at_most=3),
    Figure(
        "P7 clean", "the same on a clean checkout, packages in the cache, by pip", " s", "≤ 30 s", at_most=30
    ),
    Figure(
        "P8 optimal", "a plan of 1,000 orders for 500 volunteers by `optimal`", " s", "≤ 0.3 s", at_most=0.3
    ),
    Figure("P8 greedy", "the same by `greedy`", " s"),
    Figure("P8 cbc", "the same by CBC over PuLP: same orders, same objective", " s"),
    Figure(
        "P8 optimal over the optimum", "metres over the exact optimum, `optimal`", " ‰", "≤ 1 ‰", at_most=1
    ),
    Figure("P8 greedy over the optimum", "metres over the exact optimum, `greedy`", " ‰"),
    Figure("P10 votes", "a million votes in one ballot", "/s", "the worker's full rate"),
    Figure("P10 tally", "from the close to the tally", " s", "≤ 0.1 s", at_most=0.1),
    Figure("P10 memory", "memory of the process", " MB", "≤ 200 MB", at_most=200),
)


class Run(NamedTuple):
    """One run. `date` is ISO 8601 in UTC; `machine` holds cores, Python version, load and accounts.

    `figures` has for each figure its `values`, one for each round; for a ratio also the rates that were divided.
    """

    date: str
    commit: str
    machine: dict[str, Any]
    figures: dict[str, dict[str, list[float]]]

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.date)


def begin_run(**more: Any) -> Run:
    """A run without figures that begins now, of the checked-out commit; `+` after the commit: with uncommitted changes.

    `more` is added to what the run holds about the machine.
    """
    dirty = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *NOT_CODE)
    commit = _git("rev-parse", "--short", "HEAD") + "+" * bool(dirty)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    return Run(datetime.now(UTC).isoformat(timespec="minutes"), commit, machine | more, {})


def runs() -> list[Run]:
    """All runs of the file, oldest first; none if there is no file."""
    return [Run(**one) for one in json.loads(RESULTS.read_text("utf-8"))] if RESULTS.exists() else []


def keep(run: Run) -> None:
    """Adds the run to the file, which has each list of numbers in one line."""
    text = json.dumps([one._asdict() for one in (*runs(), run)], ensure_ascii=False, indent=1)
    text = re.sub(r"\[\s+([-\d][^\[\]{}]*?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    RESULTS.write_text(text + "\n", "utf-8")


def rows(run: Run) -> Iterator[tuple[Figure, str, str, str]]:
    """Each figure that the run measured, with the least, the median and the greatest of its values, formatted with
    the unit.
    """
    for figure in FIGURES:
        values = run.figures.get(figure.name, {}).get("values")
        if values:
            least, median, most = (f"{value:,}{figure.unit}" for value in spread(values))
            yield figure, least, median, most


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """The least, the median and the greatest value."""
    return min(values), _short(statistics.median(values)), max(values)


def _short(value: float) -> float:
    return round(value, 3)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
