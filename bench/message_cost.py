"""P5: the cost of a message with few or very many issues in the database. The mix of commands is the same; some are refused.

25 % submit issues, 35 % co-sign one of the old issues, and 40 % accept, triage, route or report one, each a different issue.
`python -m bench.message_cost NATS DATABASE COUNT OLD`: OLD issues are in the database before.
"""

import random
from collections.abc import Iterator

from bench import ours
from bench.setup import CHUNK_SIZE, RowBatches, run_contestant
from bench.workload import (
    PERSONS,
    PLACE,
    TEXT,
    TRIAGE,
    AddressedMessage,
    issue,
    people,
    reference_rows,
    stamped,
)
from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.message import Command
from microgov.services.chassis.log import Outgoing

STEPS: tuple[tuple[str, Command], ...] = (
    ("submitted", issues.AcceptIssue()),
    ("accepted", TRIAGE),
    ("triaged", issues.RouteIssue(owner="crew", rule="by_hand")),
    ("in_action", issues.ReportResult(text="修好了")),
)
"""States of the old issues, one after another, and the command that a benchmark sends about an issue in that state."""


def rows_before(count: int, old: int) -> RowBatches:
    """The rows before the run: rules, people, and `old` issues."""
    yield from reference_rows().items()
    yield "person", people(range(PERSONS))
    for first in range(0, old, CHUNK_SIZE):
        yield (
            "issue",
            [issue(f"old-{n}", STEPS[n % 4][0]) for n in range(first, min(old, first + CHUNK_SIZE))],
        )


def commands(count: int, old: int) -> Iterator[AddressedMessage]:
    """The commands, drawn with the same seed for any number of old issues."""
    chance, done = random.Random(7), [0] * len(STEPS)
    for n in range(count):
        dice, person = chance.random(), f"p-{chance.randrange(PERSONS)}"
        if dice < 0.25:
            new = issues.SubmitIssue(
                title=f"道路积水 {n}", text=TEXT[: chance.randint(30, 50)], place=PLACE, channel="app"
            )
            yield f"new-{n}", new, person, Role.RESIDENT
        elif dice < 0.60:
            yield f"old-{chance.randrange(old)}", issues.CosignIssue(channel="app"), person, Role.RESIDENT
        else:
            step = chance.randrange(len(STEPS))
            at = done[step] * (old // count) * 4 + step if old >= 4 * count else done[step] * 4 + step
            done[step] += 1
            yield f"old-{at % old}", STEPS[step][1], "p-branch", Role.BRANCH


def logged_commands(count: int, old: int) -> Iterator[Outgoing]:
    """The commands as messages of the log."""
    return stamped(commands(count, old), "crowd")


if __name__ == "__main__":
    run_contestant(ours.run, rows_before, logged_commands)
