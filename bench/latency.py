"""P3: the time from a command that the gateway has accepted to the notice about it in an inbox.

It runs on a deployment as users start it: accounts, four services, PostgreSQL. The publisher of the command line
accepts issues, and each reporter gets a notice. Both times are those of the broker: when the command was stored in
the log, and when `NoticeDelivered` was stored, which is after the commit that put the notice into the inbox.

`python -m bench.latency VAR SECONDS BACKLOG` first sends BACKLOG commands as fast as the door takes them, which gives
the peak rate. Then it sends at 50 a second and at half of the peak rate, for SECONDS each.
"""

import asyncio
import json
import os
import statistics
import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.message import Command
from microgov.contracts.notify import NoticeDelivered
from microgov.contracts.validation.incoming import incoming

TENANT, SLOW_RATE, RESIDENTS, WINDOW, PATIENCE = "donghu", 50, 100, 300, 120.0
"""SLOW_RATE: commands a second. WINDOW: commands under way at once. PATIENCE: seconds until all services must be at rest."""
BRANCH = "p-branch"


class PreparedMessage(NamedTuple):
    """A message that is ready to be published: type, the publisher's id, and the bytes."""

    type: str
    id: str
    raw: bytes


def prepared(message: Command, subject: str, by: str, role: Role) -> PreparedMessage:
    """The message with its bytes, which are made before anything is measured."""
    id = f"bench-{uuid.uuid4().hex}"
    return PreparedMessage(
        message.TYPE, id, incoming(message, id=id, source="/bench", subject=subject, authid=by, role=role)
    )


async def register_people(client: Client) -> None:
    """Registers the residents who report and the branch that accepts, and grants their roles."""
    people = {BRANCH: Role.BRANCH, **{f"p-{n}": Role.RESIDENT for n in range(RESIDENTS)}}
    office = ("office", Role.OFFICE)
    await send_all(
        client,
        [prepared(directory.RegisterPerson(household=f"h-{p}", place=TENANT), p, *office) for p in people],
    )
    await client.settle(PATIENCE)
    await send_all(
        client,
        [prepared(directory.GrantRole(role=role, place=TENANT), p, *office) for p, role in people.items()],
    )
    await client.settle(PATIENCE)


def issues_to_accept(run: str, count: int) -> Iterator[PreparedMessage]:
    """Commands that submit `count` issues, which then wait to be accepted; `run` is part of their ids."""
    for n in range(count):
        issue = issues.SubmitIssue(
            title=f"道路积水 {n}", text="坑洼积水，老人小孩出行不便。", place=TENANT, channel="app"
        )
        yield prepared(issue, f"{run}-{n}", f"p-{n % RESIDENTS}", Role.RESIDENT)


async def send_all(client: Client, messages: Sequence[PreparedMessage]) -> None:
    """Sends the messages as fast as the door takes them, at most WINDOW at once."""
    window = asyncio.Semaphore(WINDOW)

    async def one(message: PreparedMessage) -> None:
        async with window:
            await send_and_check(client, message)

    await asyncio.gather(*(one(message) for message in messages))


async def send_and_check(client: Client, message: PreparedMessage) -> None:
    """Sends a message and waits for its receipt. Raises SystemExit if the door rejects it."""
    receipt = await (await client.post(*message))
    client.open.pop(message.id)
    if receipt.status != "accepted":
        raise SystemExit(f"{message.type} was rejected: {receipt.message}")


async def send_at_rate(client: Client, messages: Sequence[PreparedMessage], rate: float) -> None:
    """Sends `rate` messages a second, whether or not the earlier ones have got their receipts; then waits for all
    receipts.
    """
    loop, posted = asyncio.get_running_loop(), list[asyncio.Task[None]]()
    began = loop.time()
    for n, message in enumerate(messages):
        await asyncio.sleep(max(0.0, began + n / rate - loop.time()))
        posted.append(asyncio.create_task(send_and_check(client, message)))
    await asyncio.gather(*posted)


async def measure_acceptances(
    client: Client, run: str, count: int, rate: float | None
) -> list[tuple[float, float]]:
    """Accepts `count` new issues, at `rate` commands a second or (None) as fast as the door takes them.

    Returns for each command when it was stored and when its notice was delivered, in seconds of the broker, sorted.
    Raises SystemExit if a command led to no notice.
    """
    await send_all(client, list(issues_to_accept(run, count)))
    await client.settle(PATIENCE)
    after = await client.end()
    messages = [prepared(issues.AcceptIssue(), f"{run}-{n}", BRANCH, Role.BRANCH) for n in range(count)]
    await (send_all(client, messages) if rate is None else send_at_rate(client, messages, rate))
    await client.settle(PATIENCE)
    stored, delivered = await stored_and_delivered(client, after)
    if stored.keys() != delivered.keys():
        raise SystemExit(
            f"{len(stored.keys() - delivered.keys())} of {len(stored)} commands led to no notice"
        )
    return sorted((stored[id], delivered[id]) for id in stored)


async def stored_and_delivered(client: Client, after: int) -> tuple[dict[str, float], dict[str, float]]:
    """By the command's id: when it was stored, and when the last of its notices was delivered to an inbox. Reads
    after `after`.
    """
    stored, delivered, end = dict[str, float](), dict[str, float](), await client.end()
    js = client.bus.nc.jetstream()
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
    )
    reading = await js.pull_subscribe(f"log.{TENANT}.>", stream=f"LOG-{TENANT}", config=config)
    seq = after
    while seq < end:
        for m in await reading.fetch(500, timeout=5):
            seq, at = m.metadata.sequence.stream, m.metadata.timestamp.timestamp()
            body = orjson.loads(m.data)
            if body["type"] == issues.AcceptIssue.TYPE:
                stored[body["id"]] = at
            elif body["type"] == NoticeDelivered.TYPE and body["data"]["channel"] == "inbox":
                delivered[body["correlationid"]] = at
    return stored, delivered


def figures(found: Sequence[tuple[float, float]], asked: float) -> dict[str, float]:
    """The delays in ms (p50, p99, `most`), the rate that was `asked` for and the rate reached, in commands a second."""
    took = sorted(1000 * (delivered - stored) for stored, delivered in found)
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    rate = (len(found) - 1) / (found[-1][0] - found[0][0])
    return {
        "p50": round(cuts[49], 1),
        "p99": round(cuts[98], 1),
        "most": round(took[-1], 1),
        "rate": round(rate, 1),
        "asked": round(asked, 1),
        "commands": len(found),
    }


async def main(seconds: int, backlog: int) -> dict[str, object]:
    """Measures the peak first, since half of it is one of the two rates."""
    async with Client(connection_settings(), TENANT) as client:
        await register_people(client)
        whole = await measure_acceptances(client, "peak", backlog, None)
        peak = backlog / (max(delivered for _, delivered in whole) - whole[0][0])
        slow = await measure_acceptances(client, "slow", SLOW_RATE * seconds, SLOW_RATE)
        half = await measure_acceptances(client, "half", int(peak / 2 * seconds), peak / 2)
    return {
        "peak": round(peak),
        "at 50/s": figures(slow, SLOW_RATE),
        "at half of the peak": figures(half, peak / 2),
    }


if __name__ == "__main__":
    os.environ["MICROGOV_VAR"] = sys.argv[1]
    print(json.dumps(asyncio.run(main(int(sys.argv[2]), int(sys.argv[3])))), flush=True)
