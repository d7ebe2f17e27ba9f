"""Measures the parts P1 to P10. Contestants run one after another in processes of their own, so that a slow minute
slows all.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.accounts import broker
from bench.figures import ROOT
from bench.startup import start_times
from tests.earlier_deployments.make import running
from tests.support.ports import deployment_ports
from tests.support.servers import NatsServer, PostgresServer

Measured = dict[str, dict[str, list[float]]]
"""For each figure its `values`, one for each round, and what else was measured with it."""

MESSAGE_COUNT, NAIVE_MESSAGE_COUNT = "30000", "700"
"""Messages in the log; fewer for the naive service, which would take minutes."""
CONTESTANTS = {
    "ours": ("ours", MESSAGE_COUNT),
    "handwritten": ("handwritten", MESSAGE_COUNT),
    "naive": ("naive", NAIVE_MESSAGE_COUNT),
    "ours/sqlite": ("ours", MESSAGE_COUNT),
    "naive/sqlite": ("naive", NAIVE_MESSAGE_COUNT),
    "ours, full mix": ("issue_lives", MESSAGE_COUNT, "0"),
    "naive, full mix": ("issue_lives", NAIVE_MESSAGE_COUNT, "1"),
    "ours, orders": ("order_lives", MESSAGE_COUNT, "0", "0"),
    "naive, orders": ("order_lives", NAIVE_MESSAGE_COUNT, "1", "0"),
}
"""By the name of a contestant: the program in `bench` and its numbers."""
RATES = {"at 50/s": "50/s", "at half of the peak": "half of the peak"}
"""P3: the key of a rate in what bench.latency prints, and its name in a figure."""
SECONDS, BACKLOG = "20", "3000"
"""P3: how long each rate is kept up, and how many commands are sent to find the peak."""
FEW_OLD_ROWS, MANY_OLD_ROWS, COMMANDS, VOTES = 10_000, 1_000_000, 20_000, 1_000_000
"""P5: rows before the run, few and many, and the commands of a run. P10: votes."""
console = Console()


def run_program(name: str, *arguments: str, seconds: float = 300) -> dict[str, Any]:
    """Runs the program `bench.<name>` in a process of its own; returns the JSON of its last line. Raises SystemExit
    if it fails.
    """
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise SystemExit(f"bench.{name} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def throughput(rounds: int, plain: bool) -> Measured:
    """P1 and P2: in each round all contestants, one after another, on PostgreSQL unless the name ends with `/sqlite`."""
    rates: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    with (
        tempfile.TemporaryDirectory() as folder,
        broker(Path(folder), plain) as nats,
        PostgresServer() as postgres,
    ):
        for n in range(rounds):
            for name, (program, *numbers) in CONTESTANTS.items():
                lite = name.endswith("/sqlite")
                url = f"sqlite:///{folder}/{program}{n}.sqlite" if lite else postgres.create("bench")
                rates[name].append(run_program(program, nats.url, url, *numbers)["rate"])
                console.print(f"round {n + 1} {name:16} {rates[name][-1]:10,.0f}/s")
    on_sqlite: dict[str, list[float]] = {"naive on SQLite": [round(rate) for rate in rates["naive/sqlite"]]}
    return {
        "P1": ratios(rates["ours"], rates["naive"], "ours", "naive"),
        "P1 on SQLite": ratios(rates["ours/sqlite"], rates["naive"], "ours", "naive") | on_sqlite,
        "P1 full mix": ratios(rates["ours, full mix"], rates["naive, full mix"], "ours", "naive"),
        "P1 orders": ratios(rates["ours, orders"], rates["naive, orders"], "ours", "naive"),
        "P2": ratios(rates["ours"], rates["handwritten"], "ours", "handwritten"),
    }


def latencies(rounds: int) -> Measured:
    """P3: a new deployment for each round, on PostgreSQL, with accounts."""
    found: Measured = {}
    for n in range(rounds):
        with tempfile.TemporaryDirectory() as folder, PostgresServer() as postgres:
            ports, url = deployment_ports().values(), postgres.url("{service}_{tenant}")
            up = [sys.executable, "-m", "tests.earlier_deployments.on_postgres", "up", folder, *ports, url]
            with running(up, ROOT, dict(os.environ)):
                one = run_program("latency", folder, SECONDS, BACKLOG)
        for rate, name in RATES.items():
            for cut in ("p50", "p99"):
                figure = found.setdefault(f"P3 {name}, {cut}", {"values": [], "commands a second": []})
                figure["values"].append(one[rate][cut])
                figure["commands a second"].append(one[rate]["rate"])
        console.print(f"round {n + 1} {one}")
    return found


def replays(rounds: int) -> Measured:
    """P4: a replay in memory that checks all decisions, and decoding alone."""
    found = [run_program("replay", "20000") for _ in range(rounds)]
    return {
        "P4": {"values": [round(one["per_second"]) for one in found]},
        "P4 one at a time": {"values": [round(one["one_at_a_time"]) for one in found]},
        "P4 decoding alone": {"values": [round(one["decoded"]) for one in found]},
    }


def growth(rounds: int) -> Measured:
    """P5: the same commands, in alternation with few and with very many old issues (or past orders) in the database."""
    return {
        "P5": _rates_by_old_rows(rounds, "issues", lambda old: ("message_cost", str(COMMANDS), old)),
        "P5 orders": _rates_by_old_rows(
            rounds, "orders", lambda old: ("order_lives", str(COMMANDS), "0", old)
        ),
    }


def _rates_by_old_rows(
    rounds: int, what: str, program: Callable[[str], tuple[str, ...]]
) -> dict[str, list[float]]:
    """The rates with few old rows divided by those with many.

    `program` gives the name of a program in `bench` and its numbers, for a number of old rows. `what` is printed.
    """
    rates: dict[int, list[float]] = {FEW_OLD_ROWS: [], MANY_OLD_ROWS: []}
    with (
        tempfile.TemporaryDirectory() as folder,
        NatsServer(Path(folder) / "nats") as nats,
        PostgresServer() as postgres,
    ):
        for n in range(rounds):
            for old, found in rates.items():
                name, *numbers = program(str(old))
                url = postgres.create("bench")
                found.append(run_program(name, nats.url, url, *numbers, seconds=900)["rate"])
                console.print(f"round {n + 1} {old:9,} {what} {found[-1]:10,.0f}/s")
    return ratios(rates[FEW_OLD_ROWS], rates[MANY_OLD_ROWS], f"with {FEW_OLD_ROWS}", f"with {MANY_OLD_ROWS}")


def starts(rounds: int) -> Measured:
    """P7: warm and clean starts."""
    return {f"P7 {name}": {"values": seconds} for name, seconds in start_times(rounds).items()}


def plans(rounds: int) -> Measured:
    """P8: for each round a town, planned by every planner. The excess over the exact optimum's metres is in per mille."""
    found: Measured = {}
    for seed in range(1, rounds + 1):
        exact = 0.0
        for name in ("exact", "optimal", "greedy", "cbc"):
            one = run_program("planner", name, str(seed), seconds=600)
            exact = exact or one["cost"]
            over = round(1000 * (one["cost"] / exact - 1), 2)
            figure = found.setdefault(f"P8 {name}", {"values": [], "served": []})
            figure["values"].append(round(one["seconds"], 3))
            figure["served"].append(one["served"])
            found.setdefault(f"P8 {name} over the optimum", {"values": []})["values"].append(over)
            console.print(
                f"round {seed} {name:8} {one['seconds']:8.3f} s, {one['served']} served, {over} ‰ over"
            )
    return found


def million_votes() -> Measured:
    """P10: one ballot with a million votes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        NatsServer(Path(folder) / "nats") as nats,
        PostgresServer() as postgres,
    ):
        one = run_program("million_votes", nats.url, postgres.create("bench"), str(VOTES), seconds=3600)
    return {
        "P10 votes": {"values": [round(one["rate"])]},
        "P10 tally": {"values": [one["tally_s"]]},
        "P10 memory": {"values": [one["rss_mb"]]},
    }


def ratios(mine: Iterable[float], theirs: Iterable[float], me: str, them: str) -> dict[str, list[float]]:
    """The ratio of every round, and the rates that were divided, named `me` and `them`."""
    ours, others = list(mine), list(theirs)
    return {
        "values": [round(a / b, 2) for a, b in zip(ours, others, strict=True)],
        me: [round(rate) for rate in ours],
        them: [round(rate) for rate in others],
    }
