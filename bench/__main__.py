"""`make bench`: the figures, side by side in one run, as a table; every run is added to bench/results.json.

    python -m bench                  everything but P5 and P10, under ten minutes
    python -m bench --only P1,P4     some of it
    python -m bench --only P5        asked for alone: five minutes
    python -m bench --only P10       asked for alone: three minutes
    python -m bench --trial          is shown, and not added to bench/results.json

P1 throughput of a service against the naive one, and P2 against the hand-written pipeline; all contestants go through the
same accounts, as deployed (--plain: through none). P3 from a command that was accepted to the notice in an inbox, at 50 a
second and at half of the peak; P4 replay; P7 start; P8 a plan of 1,000 orders for 500 volunteers, beside CBC and the greedy
one; P5 a message's cost with 1,000,000 issues, or past orders, in the database against 10,000; P10 a million votes in one
ballot. `python -m bench.report` writes docs/performance.md from all runs.
"""

import argparse
import sys
from collections.abc import Callable

from rich.table import Table

from bench import measure
from bench.figures import Run, begin_run, keep, rows
from bench.measure import Measured, console

ROUNDS, REPEATS, TURNS = 3, 3, 5


def main() -> int:
    """0 when measured; whether a goal is reached is said in the table."""
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=raw)
    parser.add_argument(
        "--only", default="P1,P3,P4,P7,P8", help="parts, separated by commas; P2 comes with P1"
    )
    parser.add_argument(
        "--plain", action="store_true", help="P1, P2: a broker without accounts, to see what these cost"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of P1 and P3: the more, the surer")
    parser.add_argument("--trial", action="store_true", help="keep nothing")
    chosen = parser.parse_args()
    parts: dict[str, Callable[[], Measured]] = {
        "P1": lambda: measure.throughput(chosen.rounds, chosen.plain),
        "P3": lambda: measure.delays(chosen.rounds),
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
    """What this run measured: each figure's least, median and greatest value, and its goal."""
    machine = ", ".join(f"{key} {value}" for key, value in run.machine.items())
    shown = Table("figure", "min", "median", "max", "goal", title=f"{run.date}, {run.commit}; {machine}")
    for figure, *values in rows(run):
        shown.add_row(figure.name, *values, figure.goal)
    return shown


if __name__ == "__main__":
    sys.exit(main())
