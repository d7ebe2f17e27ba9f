"""Playing a story through the gateway, and checking that the log, the inboxes, the receipts and the copies are complete."""

import asyncio
import json
from collections import Counter
from io import StringIO
from typing import Any

from rich.console import Console

from microgov.client.publisher import Client
from microgov.commands.check import check_numbers
from microgov.contracts import notify
from microgov.contracts.message import REGISTRY
from microgov.demo.player import Player
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.recording.audit import check_log, walk
from microgov.services.gateway.courier.batch_effects import REFUSALS
from microgov.stories.story import Story
from tests.journeys.conftest import RunningTenant


async def play(client: Client, story: Story) -> str:
    """Plays a story and returns what was printed."""
    written = StringIO()
    await Player(client, Console(file=written, width=200)).play(story)
    return written.getvalue()


async def check_completeness(running: RunningTenant, least: int = 50, **rejected: int) -> None:
    """Asserts that nothing is missing or duplicated in the log, the inboxes, the receipts and the copies of events.

    There must be more than `least` notices. `rejected` is the number of messages that the door rejected, by keyword.
    """
    client = running.client
    log = await running.deployment.log()
    messages = [json.loads(stored.data) async for stored in walk(log)]
    audit = await check_log(log)
    await log.close()
    assert audit.clean, audit.findings
    notices = [m["data"] for m in messages if m["type"].startswith("notify.notice_")]
    copies = Counter((d["source_id"], d["notice_type"], d["recipient"], d["channel"]) for d in notices)
    assert len(notices) > least
    assert set(copies.values()) == {1}
    for person, count in Counter(d["recipient"] for d in notices).items():
        assert (await client.ask("notify", notify.ShowInbox(person=person)))["total"] == count
    sent = [m for m in messages if m["writer"] == "gateway" and "publisher" in m]
    refused = [m for m in messages if m["type"] in REFUSALS]
    await wait_for_stream(
        client, "RECEIPT", {"accepted": len(sent), "refused": len(refused)} | rejected, "status"
    )
    await wait_for_stream(client, "OUT", dict(Counter(m["type"] for m in events_for_cli(messages))), "type")
    assert (await check_numbers(client, "RECEIPT")).clean
    assert (await check_numbers(client, "OUT")).clean


def events_for_cli(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that the courier copies to the command line: those it caused, and those about entities it created."""
    made: set[str] = set()
    found: list[dict[str, Any]] = []
    for m in messages:
        kind = REGISTRY[m["type"]]
        if m["writer"] == "gateway" and "publisher" in m and kind.CREATES:
            made.add(m["subject"])
        copied = kind.KIND == "event" and m["writer"] != "gateway" and m["type"] not in REFUSALS
        if copied and ("publisher" in m or (m["subject"] in made and kind.OWNER != "log")):
            found.append(m)
    return found


async def wait_for_stream(client: Client, stream: str, wanted: dict[str, int], key: str) -> None:
    """Waits at most ten seconds until the courier has delivered exactly the wanted numbers, counted by `key`."""
    found: dict[str, int] = {}
    for _ in range(200):
        parts = [
            (s.subject.split("."), json.loads(s.data))
            async for s in walk(JetStreamLog(client.bus, client.tenant, stream))
        ]
        found = dict(Counter(body[key] for subject, body in parts if subject[1:3] == ["cli", client.tenant]))
        if sum(found.values()) >= sum(wanted.values()):
            break
        await asyncio.sleep(0.05)
    assert found == wanted
