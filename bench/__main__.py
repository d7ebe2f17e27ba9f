"""`make bench` measures the figures and prints them as a table; every run is added to bench/results.json.

    python -m bench                  everything but P5 and P10, under ten minutes
    python -m bench --only P1,P4     only these parts
    python -m bench --only P5        five minutes; not part of the default
    python -m bench --only P10       three minutes; not part of the default
    python -m bench --trial          prints the figures and does not add them to bench/results.json

P1 is the throughput of a service divided by that of the naive one, P2 divided by that of the hand-written pipeline;
all of them log in at the broker with the accounts of a deployment (--plain: without accounts). P3 is the time from a
command that was accepted to the notice in an inbox, at 50 commands a second and at half of the peak rate. P4 is a
replay, P7 a start, P8 a plan of 1,000 orders for 500 volunteers by both engines and by CBC. P5 is the cost of a
message with 1,000,000 issues (or past orders) in the database, divided by that with 10,000. P10 is a million votes in
one ballot. P6 and P9 do not exist. `python -m bench.report` writes docs/performance.md from all runs.
"""

import argparse
import sys
from collections.abc import Callable

from rich.table import Table

from bench import measure
from bench.figures import Run, begin_run, keep, rows
from bench.measure import Measured, console

ROUNDS, REPEATS, TURNS = 3, 3, 5
"""How often each part is measured: P1 and P3; P4, P7 and P8; P5."""


def main() -> int:
    """Measures the chosen parts and prints a table. Returns 0, also where a goal was missed: the table shows the goals."""
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=raw)
    parser.add_argument(
        "--only", default="P1,P3,P4,P7,P8", help="parts, separated by commas; P2 comes with P1"
    )
    parser.add_argument(
        "--plain", action="store_true", help="P1, P2: a broker without accounts, to see what accounts cost"
    )
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="rounds of P1 and P3; more rounds give surer figures"
    )
    parser.add_argument("--trial", action="store_true", help="do not add the run to bench/results.json")
    chosen = parser.parse_args()
    parts: dict[str, Callable[[], Measured]] = {
        "P1": lambda: measure.throughput(chosen.rounds, chosen.plain),
        "P3": lambda: measure.latencies(chosen.rounds),
        "P4": lambda: measure.replays(REPEATS),
        "P5": lambda: measure.growth(TURNS),
        "P8": lambda: measure.plans(REPEATS),
        "P10": measure.million_votes,
        "P7": lambda: measure.starts(REPEATS),
    }
    only = {"P1" if part == "P2" else part for part in chosen.only.split(",")}
    if unknown := only - parts.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    run = begin_run(accounts="none" if chosen.plain else "as deployed")
    for part, measured in parts.items():
        if part in only:
            run.figures.update(measured())
    if not chosen.trial:
        keep(run)
    console.print(table(run))
    return 0


def table(run: Run) -> Table:
    """A table of the run: for each figure its least, median and greatest value, and its goal."""
    machine = ", ".join(f"{key} {value}" for key, value in run.machine.items())
    shown = Table("figure", "min", "median", "max", "goal", title=f"{run.date}, {run.commit}; {machine}")
    for figure, *values in rows(run):
        shown.add_row(figure.name, *values, figure.goal)
    return shown


if __name__ == "__main__":
    sys.exit(main())
