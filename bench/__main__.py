"""`make bench`: the figures, side by side in one run, as a table and as bench/results.json.

    python -m bench                  everything, under ten minutes
    python -m bench --only P1,P4     some of it
    python -m bench --only P5        asked for alone: five minutes
    python -m bench --only P10       asked for alone: three minutes

P1 throughput of a service against the naive one; P2 against the hand-written pipeline; both contestants through the same
accounts, as deployed (--plain: through none); P3 from a command that was accepted to the notice in an inbox, at 50 a second
and at half of the peak; P4 replay; P7 start;
P8 a plan of 1,000 orders for 500 volunteers, beside CBC and the greedy one;
P5 a message's cost with 1,000,000 issues, or past orders, in the database against 10,000; P10 a million votes in one ballot.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.accounts import broker
from bench.startup import start_times
from tests.earlier_deployments.make import running
from tests.support.servers import NatsServer, PostgresServer, free_port

ROUNDS, REPEATS, TURNS = 3, 3, 5
MANY_MESSAGES, SOME = "30000", "700"
CONTESTANTS = {
    "ours": ("ours", MANY_MESSAGES),
    "hand": ("hand", MANY_MESSAGES),
    "naive": ("naive", SOME),
    "ours/sqlite": ("ours", MANY_MESSAGES),
    "naive/sqlite": ("naive", SOME),
    "ours, full mix": ("lives", MANY_MESSAGES, "0"),
    "naive, full mix": ("lives", SOME, "1"),
    "ours, orders": ("orders", MANY_MESSAGES, "0", "0"),
    "naive, orders": ("orders", SOME, "1", "0"),
}
RESULTS = Path(__file__).parent / "results.json"
GOALS = {
    "P1": "≥ 40 ×, no round below 30 ×",
    "P1 on SQLite": "≥ 30 ×",
    "P1 full mix": "≥ 40 ×",
    "P1 orders": "≥ 40 ×",
    "P2": "≥ 0.5",
    "P3 p50": "≤ 30 ms",
    "P3 p99": "≤ 150 ms",
    "P4": "≥ 10,000/s",
    "P4 decoding alone": "",
    "P5": "≤ 1.2",
    "P5 orders": "≤ 1.2",
    "P7 warm": "≤ 3 s",
    "P7 clean": "≤ 30 s",
    "P8 optimal": "≤ 0.3 s",
    "P8 over the optimum": "≤ 1 ‰",
    "P10 votes": "the worker's full rate",
    "P10 tally": "≤ 0.1 s",
    "P10 memory": "≤ 200 MB",
}
UNITS = {
    "P1": " ×",
    "P1 on SQLite": " ×",
    "P1 full mix": " ×",
    "P1 orders": " ×",
    "P2": "",
    "P4": "/s",
    "P4 decoding alone": "/s",
    "P5": "",
    "P5 orders": "",
}
RATES, SECONDS, BACKLOG = ("at 50/s", "at half of the peak"), "20", "3000"
FEW, MANY, MIX, VOTES = 10_000, 1_000_000, 20_000, 1_000_000
console = Console()


def main() -> int:
    """0 when measured; whether a goal is reached is said in the table."""
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=raw)
    parser.add_argument("--only", default="P1,P2,P3,P4,P7,P8", help="figures, separated by commas")
    parser.add_argument(
        "--plain", action="store_true", help="P1, P2: a broker without accounts, to see what these cost"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of P1, P2 and P3: the more, the surer")
    chosen = parser.parse_args()
    only = set(chosen.only.split(","))
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = machine()
    if only & {"P1", "P2"}:
        results |= throughput(chosen.rounds, chosen.plain)
    if "P3" in only:
        results["P3"] = delays(chosen.rounds)
    if "P4" in only:
        results |= replays(REPEATS)
    if "P5" in only:
        results["P5"] = crowded(TURNS, "issues", lambda old: ("crowd", str(MIX), old))
        results["P5 orders"] = crowded(TURNS, "orders", lambda old: ("orders", str(MIX), "0", old))
    if "P8" in only:
        results["P8"] = plans(REPEATS)
    if "P10" in only:
        results["P10"] = million()
    if "P7" in only:
        results["P7"] = start_times(REPEATS)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    console.print(table(results))
    return 0


def machine() -> dict[str, Any]:
    """What it was measured on, and how busy that was."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d"),
    }


def contestant(name: str, *arguments: str, seconds: float = 300) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise SystemExit(f"bench.{name} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def throughput(rounds: int, plain: bool) -> dict[str, Any]:
    """All contestants in turn, round by round, so that the machine's moods hit them alike."""
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
                rates[name].append(contestant(program, nats.url, url, *numbers)["rate"])
                console.print(f"round {n + 1} {name:16} {rates[name][-1]:10,.0f}/s")
    return {
        "accounts": "none" if plain else "as deployed",
        "P1": ratio(rates["ours"], rates["naive"], "ours", "naive"),
        "P1 on SQLite": ratio(rates["ours/sqlite"], rates["naive"], "ours", "naive on PostgreSQL")
        | {"naive on SQLite": [round(rate) for rate in rates["naive/sqlite"]]},
        "P1 full mix": ratio(rates["ours, full mix"], rates["naive, full mix"], "ours", "naive"),
        "P1 orders": ratio(rates["ours, orders"], rates["naive, orders"], "ours", "naive"),
        "P2": ratio(rates["ours"], rates["hand"], "ours", "hand"),
    }


def delays(rounds: int) -> dict[str, Any]:
    """A house of its own for each round, on PostgreSQL, with the accounts as deployed."""
    found: list[dict[str, Any]] = []
    for n in range(rounds):
        with tempfile.TemporaryDirectory() as folder, PostgresServer() as postgres:
            ports = str(free_port()), str(free_port())
            command = [
                "tests.earlier_deployments.on_postgres",
                "up",
                folder,
                *ports,
                postgres.url("{service}_{tenant}"),
            ]
            with running([sys.executable, "-m", *command], Path(__file__).parents[1], dict(os.environ)):
                found.append(contestant("latency", folder, SECONDS, BACKLOG))
        console.print(f"round {n + 1} {found[-1]}")
    return {"peak": [one["peak"] for one in found], **{rate: [one[rate] for one in found] for rate in RATES}}


def crowded(rounds: int, what: str, program: Callable[[str], tuple[str, ...]]) -> dict[str, Any]:
    """The same mix of commands with few and with very many issues, or past orders, in the database, in turn."""
    rates: dict[int, list[float]] = {FEW: [], MANY: []}
    with (
        tempfile.TemporaryDirectory() as folder,
        NatsServer(Path(folder) / "nats") as nats,
        PostgresServer() as postgres,
    ):
        for n in range(rounds):
            for old, runs in rates.items():
                name, *numbers = program(str(old))
                runs.append(
                    contestant(name, nats.url, postgres.create("bench"), *numbers, seconds=900)["rate"]
                )
                console.print(f"round {n + 1} {old:9,} {what} {runs[-1]:10,.0f}/s")
    return ratio(rates[FEW], rates[MANY], f"{FEW} {what}", f"{MANY} {what}")


def million() -> dict[str, Any]:
    """One ballot."""
    with (
        tempfile.TemporaryDirectory() as folder,
        NatsServer(Path(folder) / "nats") as nats,
        PostgresServer() as postgres,
    ):
        return contestant("million", nats.url, postgres.create("bench"), str(VOTES), seconds=3600)


def ratio(mine: list[float], theirs: list[float], me: str, them: str) -> dict[str, Any]:
    """Of the medians; and that of every round."""
    runs = [round(a / b, 2) for a, b in zip(mine, theirs, strict=True)]
    return {
        "ratio": round(statistics.median(mine) / statistics.median(theirs), 2),
        "runs": runs,
        me: [round(rate) for rate in mine],
        them: [round(rate) for rate in theirs],
    }


def replays(rounds: int) -> dict[str, Any]:
    """Replay in memory, every fold's decisions checked; and how fast decoding alone is in this hour."""
    found = [contestant("replayed", "20000") for _ in range(rounds)]
    runs = {
        "P4": [round(one["per_second"]) for one in found],
        "P4 decoding alone": [round(one["decoded"]) for one in found],
    }
    return {name: {"per_second": round(statistics.median(some)), "runs": some} for name, some in runs.items()}


def plans(rounds: int) -> dict[str, Any]:
    """A town for each round, planned by all in turn; `over` is in per mille of the exact optimum's metres."""
    names = ("exact", "optimal", "greedy", "cbc")
    found: dict[str, Any] = {name: {"seconds": [], "over": [], "served": []} for name in names}
    for seed in range(1, rounds + 1):
        exact = 0.0
        for name, runs in found.items():
            one = contestant("planning", name, str(seed), seconds=600)
            exact = exact or one["cost"]
            over = round(1000 * (one["cost"] / exact - 1), 2)
            for key, value in (
                ("seconds", round(one["seconds"], 3)),
                ("over", over),
                ("served", one["served"]),
            ):
                runs[key].append(value)
            console.print(
                f"round {seed} {name:8} {one['seconds']:8.3f} s, {one['served']} served, {over} ‰ over"
            )
    return found


def table(results: dict[str, Any]) -> Table:
    """Figure, min, median, max, goal."""
    shown = Table("figure", "min", "median", "max", "goal", title=str(results["machine"]))
    for name, unit in UNITS.items():
        if name in results:
            runs = results[name]["runs"]
            middle = results[name].get("ratio", results[name].get("per_second"))
            shown.add_row(
                name, *(f"{value:,}{unit}" for value in (min(runs), middle, max(runs))), GOALS[name]
            )
    for rate in RATES if "P3" in results else ():
        for cut in ("p50", "p99"):
            runs = [one[cut] for one in results["P3"][rate]]
            shown.add_row(
                f"P3 {rate}, {cut}",
                *(f"{value} ms" for value in (min(runs), statistics.median(runs), max(runs))),
                GOALS[f"P3 {cut}"],
            )
    for name in ("warm", "clean"):
        if name in results.get("P7", {}):
            runs = results["P7"][name]
            figures = (min(runs), statistics.median(runs), max(runs))
            shown.add_row(f"P7 {name}", *(f"{value} s" for value in figures), GOALS[f"P7 {name}"])
    for name, runs in results.get("P8", {}).items():
        for key, unit in (("seconds", "s"), ("over", "‰")):
            row, values = f"P8 {name}" + " over the optimum" * (key == "over"), runs[key]
            goal = GOALS.get(row.replace("optimal over", "over"), "")
            shown.add_row(
                row,
                *(f"{value} {unit}" for value in (min(values), statistics.median(values), max(values))),
                goal,
            )
    if "P10" in results:
        one = results["P10"]
        for name, value in (
            ("votes", f"{one['rate']:,.0f}/s"),
            ("tally", f"{one['tally_s']} s"),
            ("memory", f"{one['rss_mb']} MB"),
        ):
            shown.add_row(f"P10 {name}", "", value, "", GOALS[f"P10 {name}"])
    return shown


if __name__ == "__main__":
    sys.exit(main())
