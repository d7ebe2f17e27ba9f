"""P10: one ballot with very many votes: votes a second, the time from the close to the tally, and the memory of the process.

Every person votes once. The clock is a simulated one, which is set to the close after the last vote.
"""

import asyncio
import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.setup import CHUNK_SIZE, ContestantSetup, RowBatches, Stopwatch, run_contestant, wait_until_done
from bench.workload import PLACE, START, AddressedMessage, issue, people, reference_rows, stamped
from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.log import DeadlineReached, SetClock
from microgov.services.chassis import memory
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Outgoing
from microgov.services.issues.app import tenancy

CLOSES = START + timedelta(days=7)
OPTIONS = ("fence", "flowers")
CHOICES = [
    issues.CastVote.model_validate(
        {"choice": {"kind": "open", "option": option, "stance": "agree"}, "channel": "app"}
    )
    for option in OPTIONS
]
SESSION = {
    **{"id": "s-1", "version": 1, "topic": "topic-1", "issue": "veg-1", "state": "opened"},
    **{"kind": "micro_topic", "opens_at": START, "closes_at": CLOSES, "ballot": "b-1"},
    **dict.fromkeys(("present", "voting", "draft", "needed", "signatures"), 0),
}
TOPIC = {
    **{"id": "topic-1", "version": 1, "issue": "veg-1", "state": "scheduled", "title": "x", "options": 2},
    **dict.fromkeys(("quorum_met", "minutes_confirmed", "on_agenda"), False),
}
BALLOT = {
    **{"id": "b-1", "version": 1, "issue": "veg-1", "topic": "topic-1", "session": "s-1", "place": PLACE},
    **{"state": "open", "kind": "one_of", "closes_at": CLOSES, "quorum": 3, "majority_per_mille": 500},
    **{"majority_of": "taking_part", "electorate": "person", "in_room": False, "people": 0},
}


def rows_before(count: int) -> RowBatches:
    """The rows before the run: an open ballot and `count` people."""
    yield from reference_rows().items()
    yield "issue", [issue("veg-1", "deliberating")]
    yield "topic", [TOPIC]
    yield "option", [_option(option, n) for n, option in enumerate(OPTIONS)]
    yield "meeting", [SESSION]
    yield "ballot", [BALLOT]
    none = dict.fromkeys(("agree", "disagree", "passed"), 0)
    yield "option_tally", [{"ballot": "b-1", "option": option, **none} for option in OPTIONS]
    yield "deadline", [{"kind": "ballot", "entity": "b-1", "due_at": CLOSES}]
    for first in range(0, count, CHUNK_SIZE):
        yield "person", people(range(first, min(count, first + CHUNK_SIZE)))


def _option(option: str, n: int) -> dict[str, Any]:
    return {"topic": "topic-1", "option": option, "n": n, "text": "x", "person": "p-0", "carried": False}


def votes(count: int) -> Iterator[AddressedMessage]:
    """One vote of each person, two thirds of them for the fence; then the clock is set to the close."""
    for n in range(count):
        yield "b-1", CHOICES[n % 3 == 2], f"p-{n}", Role.RESIDENT
    yield "clock", SetClock(to=CLOSES), "p-0", Role.OPERATOR


def logged_commands(count: int) -> Iterator[Outgoing]:
    """The votes, and the command that sets the clock, as messages of the log."""
    return stamped(votes(count), "vote")


async def run(setup: ContestantSetup) -> dict[str, float]:
    """Votes a second (`rate`); seconds from the deadline in the log to the tally in the log; the most memory, in MB."""
    memory.freeze_heap()
    mine = tenancy(setup.tenant, setup.settings())
    log = JetStreamLog(await Bus.connect(setup.user.address(setup.nats_url)), setup.tenant.name)
    reader = await log.read(0, [DeadlineReached.TYPE, issues.BallotClosed.TYPE])
    watch, running, peaks = Stopwatch(setup.count // 20), asyncio.create_task(mine.run()), [0.0]
    watching = asyncio.create_task(_watch_memory(peaks))
    await wait_until_done(lambda: mine.fold.handed, setup.count, watch)
    figures = watch.figures(setup.count)
    times: list[float] = []
    while len(times) < 2:
        found = await reader.batch(1, 60.0)
        times += [time.perf_counter()] * len(found)
    assert f'"people":{setup.count}'.encode() in found[0].data, "not every vote was counted"
    await cancel_and_wait(watching)
    await cancel_and_wait(running)
    return {**figures, "tally_s": round(times[1] - times[0], 4), "rss_mb": peaks[0]}


async def _watch_memory(peaks: list[float]) -> None:
    """Measures this process's memory ten times a second and keeps the greatest value in `peaks[0]`, in MB."""
    while True:
        peaks[0] = max(peaks[0], _resident_mb())
        await asyncio.sleep(0.1)


def _resident_mb() -> float:
    return round(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6, 1)


if __name__ == "__main__":
    run_contestant(run, rows_before, logged_commands, simulated=True)
