"""Half a year of weekly plans: how evenly the jobs fall on the volunteers, and how far they walk.

    python -m bench.fairness docs/fairness.svg

A seed makes a town, its volunteers, and new orders for each week. Every planner gets the same sequence of orders. The
jobs of the last 30 days go into the next plan. Both engines plan with the rules' defaults; a third run is `optimal`
without fairness.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.planner_town import FIRST_MIDNIGHT, Town
from bench.svg_curves import Curve, draw
from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner import Plan, Provider, Snapshot, plan
from microgov.services.matching.planner.snapshot import DAY

SEED, WEEKS, ORDERS, VOLUNTEERS = 7, 26, 60, 80
RUNS: dict[str, Callable[[Snapshot], Plan]] = {
    "optimal": lambda snapshot: plan(snapshot, PlanningRules(), "optimal"),
    "greedy": lambda snapshot: plan(snapshot, PlanningRules(), "greedy"),
    "optimal, without fairness": lambda snapshot: plan(snapshot, PlanningRules(fairness_metres=0), "optimal"),
}


def half_a_year(planner: Callable[[Snapshot], Plan]) -> tuple[list[int], int, int]:
    """Plans 26 weeks. Returns the number of jobs of each volunteer, ascending; the metres walked; the orders served."""
    town = Town(SEED)
    volunteers = [town.volunteer(n) for n in range(VOLUNTEERS)]
    done: list[tuple[int, str]] = []
    metres = served = 0
    for week in range(WEEKS):
        now = FIRST_MIDNIGHT + 7 * week * DAY
        recent = Counter(who for at, who in done if now - 30 * DAY <= at)
        orders = tuple(town.order(n) for n in range(ORDERS))
        made = planner(
            Snapshot(FIRST_MIDNIGHT, orders, tuple(_with_recent_jobs(one, recent) for one in volunteers))
        )
        done += [(now, one.provider) for one in made.suggestions]
        metres += sum(part.metres for one in made.suggestions for part in one.why if part.name == "distance")
        served += len({one.order for one in made.suggestions})
    jobs = Counter(who for _, who in done)
    return sorted(jobs[one.id] for one in volunteers), metres, served


def _with_recent_jobs(volunteer: Provider, recent: Counter[str]) -> Provider:
    """The volunteer with the number of recent jobs, and without the tasks that the town gave them for its first week."""
    return replace(volunteer, tasks=(), jobs=recent[volunteer.id])


def gini(jobs: list[int]) -> int:
    """The Gini coefficient in per mille: 0 if all have the same number of jobs, towards 1000 if one has them all."""
    weighed = sum((2 * (n + 1) - len(jobs) - 1) * count for n, count in enumerate(jobs))
    return round(1000 * weighed / (len(jobs) * max(1, sum(jobs))))


def main() -> None:
    """Plans with each planner, prints a line for each, and writes the plot into the file of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fairness", description="Half a year of weekly plans, as a plot."
    )
    parser.add_argument("file", type=Path, help="where the plot goes, for example docs/fairness.svg")
    file = parser.parse_args().file
    curves = []
    for name, planner in RUNS.items():
        jobs, metres, served = half_a_year(planner)
        walked, inequality = round(metres / max(1, sum(jobs))), gini(jobs)
        label = f"{name}: Gini {inequality / 1000:.2f}, {walked} m a job, {served} orders served, most {max(jobs)} jobs"
        print(label)
        curves.append(Curve(label, jobs))
    title = f"Jobs of each of {VOLUNTEERS} volunteers in {WEEKS} weeks, ascending ({ORDERS} orders a week, seed {SEED})"
    file.write_text(draw(title, curves), encoding="utf-8")


if __name__ == "__main__":
    main()
