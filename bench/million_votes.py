"""One ballot with very many votes: the worker's rate, the tally after the close, memory with all of it waiting.

Every vote is another person's; the clock is a simulated one that reaches the close once all have voted.
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
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.runtime import memory
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
    """An open ballot, and so many people."""
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
    """Each person's, two thirds of them for the fence; then the clock moves on."""
    for n in range(count):
        yield "b-1", CHOICES[n % 3 == 2], f"p-{n}", Role.RESIDENT
    yield "clock", SetClock(to=CLOSES), "p-0", Role.OPERATOR


def logged_commands(count: int) -> Iterator[Outgoing]:
    """The votes as they stand in the log, and the end of the window."""
    return stamped(votes(count), "vote")


async def run(ground: ContestantSetup) -> dict[str, float]:
    """Votes a second; seconds from the close in the log to the tally in the log; the most memory, in MB."""
    memory.freeze_heap()
    mine = tenancy(ground.tenant, ground.settings())
    log = JetStreamLog(await Bus.connect(ground.user.address(ground.nats_url)), ground.tenant.name)
    reader = await log.read(0, [DeadlineReached.TYPE, issues.BallotClosed.TYPE])
    watch, running, peaks = Stopwatch(ground.count // 20), asyncio.create_task(mine.run()), [0.0]
    watching = asyncio.create_task(_peak(peaks))
    await wait_until_done(lambda: mine.fold.handed, ground.count, watch)
    figures = watch.figures(ground.count)
    times: list[float] = []
    while len(times) < 2:
        found = await reader.batch(1, 60.0)
        times += [time.perf_counter()] * len(found)
    assert f'"people":{ground.count}'.encode() in found[0].data, "not every vote was counted"
    await cancel_and_wait(watching)
    await cancel_and_wait(running)
    return {**figures, "tally_s": round(times[1] - times[0], 4), "rss_mb": peaks[0]}


async def _peak(peaks: list[float]) -> None:
    """The most memory that this process has held, looked at ten times a second."""
    while True:
        peaks[0] = max(peaks[0], _resident())
        await asyncio.sleep(0.1)


def _resident() -> float:
    return round(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6, 1)


if __name__ == "__main__":
    run_contestant(run, rows_before, logged_commands, simulated=True)
