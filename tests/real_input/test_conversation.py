"""49,997 real votes, sent by a program outside, while the issues service and the broker are killed again and again."""

import asyncio
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from microgov.folds import FOLDS
from microgov.services.chassis.errors import Again
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.chassis.replay.digest import digest
from tests.real_input import conversation, publisher
from tests.real_input.publisher import PORTAL, Conversation
from tests.real_input.recorded import DATA, missing
from tests.rig import ledger
from tests.rig.expected_fold import ExpectedFold
from tests.rig.idle import IdleWatch, home_of
from tests.rig.ledger import Body, Findings
from tests.rig.rig import ROOT, Rig
from tests.rig.streams import read_all
from tests.support.servers import PostgresServer

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"The conversation was NOT sent: {missing()}")
SERVICES = [service for service in FOLDS if service.name in ("directory", "issues")]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "rig", simulated=True, proxied=False).start()
    yield made
    made.stop()


@dataclass
class ConversationOutcome:
    """What is in the streams and tables after a run."""

    log: list[Stored]
    bodies: list[Body]
    receipts: list[Body]


async def send(rig: Rig, *more: str) -> None:
    """Runs the publisher as a process."""
    command = [
        sys.executable,
        "-m",
        "tests.real_input.publisher",
        "--nats",
        rig.nats.url,
        "--tenant",
        rig.tenant,
    ]
    process = await asyncio.create_subprocess_exec(*command, "--data", str(DATA), *more, cwd=ROOT)
    assert await process.wait() == 0


async def kill(rig: Rig, times: int, seed: int, messages: int) -> None:
    """Kills issues and the broker with SIGKILL `times` times each, at random lengths of the log."""
    chance = random.Random(seed)
    moments = sorted(chance.sample(range(messages // 20, messages * 9 // 10), 2 * times))
    victims = ["issues", "broker"] * times
    chance.shuffle(victims)
    for moment, victim in zip(moments, victims, strict=True):
        await wait_for_length(rig, moment)
        if victim == "issues":
            await rig.replaced("issues", await rig.kill("issues"))
        else:
            rig.nats.kill()
            await asyncio.to_thread(rig.nats.start)


async def wait_for_length(rig: Rig, to: int) -> None:
    """Waits until the log has this length."""
    while True:
        if await length(rig) >= to:
            return
        await asyncio.sleep(0.02)


async def length(rig: Rig) -> int:
    """The number of messages in the log; 0 while the broker does not answer."""
    try:
        bus = await Bus.connect(BrokerAddress(rig.nats.url))
        try:
            return await JetStreamLog(bus, rig.tenant).end()
        finally:
            await bus.close()
    except Again:
        return 0


async def wait_until_idle(rig: Rig) -> None:
    """Waits until no message is in flight."""
    moving = await IdleWatch(rig.nats.url, rig.tenant, SERVICES, rig.engines).wait(120)
    assert not moving, moving


async def run(rig: Rig, votes: Conversation, kills: int, seed: int) -> ConversationOutcome:
    """Sends people, statements and votes while processes are killed; then ends the ballot and returns the outcome."""
    await rig.admit(PORTAL)
    lines = sum(1 for _ in publisher.opening(votes, rig.tenant)) + len(votes.votes)
    killing = asyncio.create_task(kill(rig, kills, seed, 2 * lines))
    await send(rig, "--votes", str(len(votes.votes)))
    await wait_until_idle(rig)
    await asyncio.wait_for(killing, 60)
    await wait_until_idle(rig)
    await send(rig, "--close")
    for _ in range(200):
        await wait_until_idle(rig)
        log = [one.stored for one in await read_all(rig.nats.url, f"LOG-{rig.tenant}")]
        if log[-1].subject.endswith(".issues.ballot_closed.v1"):
            break
    receipts = await read_all(rig.nats.url, "RECEIPT", 0, [f"receipt.{PORTAL}.{rig.tenant}"])
    return ConversationOutcome(log, ledger.bodies(log), ledger.bodies(one.stored for one in receipts))


def every_message_has_a_receipt(votes: Conversation, tenant: str, outcome: ConversationOutcome) -> None:
    """Every message has one receipt with status accepted, and is in the log once."""
    first = 2 * (len(votes.voters) + 1) + sum(1 for _ in publisher._deliberation(votes, tenant))
    accepted = [receipt["publisherid"] for receipt in outcome.receipts if receipt["status"] == "accepted"]
    mine = [body for body in outcome.bodies if body.get("publisher") == PORTAL]
    stand = [body["publisherid"] for body in mine if body["writer"] == "gateway"]
    assert {receipt["status"] for receipt in outcome.receipts} == {"accepted"}
    assert len(set(accepted)) == len(stand) == len(set(stand)) == first + len(votes.votes)
    assert [id for id in stand if id.startswith("vote-")] == [f"vote-{n}" for n in range(len(votes.votes))]


def the_votes_are_counted(votes: Conversation, outcome: ConversationOutcome) -> None:
    """Every vote is one event, and the tally of the ballot counts the last vote of each person on each statement."""
    events = conversation.votes_cast(outcome.bodies)
    replaced = sum("replaces" in event for event in events)
    assert conversation.count_votes(events) == conversation.sent(votes)
    assert conversation.tallied(outcome.bodies) == conversation.in_force(events)
    assert sum(conversation.in_force(events).values()) == len(votes.votes) - replaced


def every_fold_is_the_same(rig: Rig, outcome: ConversationOutcome, postgres: PostgresServer) -> None:
    """New folds in memory and on PostgreSQL give the same events, rows and digest."""
    found = Findings()
    ledger.check_numbers(outcome.bodies, found)
    ledger.check_walk(outcome.log, found)
    ledger.check_effects(SERVICES, outcome.bodies, set(), found)
    for service in SERVICES:
        memory = ExpectedFold(service, rig.tenant)
        other = ExpectedFold(service, rig.tenant, postgres.create(f"again_{service.name}"))
        with rig.engines[home_of(service)].connect() as c:
            digests = [digest(c, service)]
            for fresh in (memory, other):
                fresh.fold(outcome.log)
                ledger.check_said(service, outcome.bodies, fresh, found)
                with fresh.engine.connect() as there:
                    digests.append(digest(there, service))
            ledger.check_tables(service, c, memory, found)
        assert len(set(digests)) == 1, f"{service.name}: {digests}"
        memory.close()
        other.close()
    assert found.clean, str(found)


@pytest.mark.slow
async def test_the_first_5000_votes_with_two_kills(rig: Rig, postgres: PostgresServer) -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randint(1, 999_999)))
    print(f"\nSEED={seed}")
    votes = publisher.read(DATA, 5000)

    outcome = await run(rig, votes, 1, seed)

    every_message_has_a_receipt(votes, rig.tenant, outcome)
    the_votes_are_counted(votes, outcome)
    every_fold_is_the_same(rig, outcome, postgres)


@pytest.mark.rig
async def test_the_whole_conversation_with_ten_kills_of_issues_and_ten_of_the_broker(
    rig: Rig, postgres: PostgresServer
) -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randint(1, 999_999)))
    print(f"\nSEED={seed}")
    votes = publisher.read(DATA)
    assert (len(votes.votes), len(votes.voters), len(votes.comments)) == (49_997, 1_921, 197)

    outcome = await run(rig, votes, 10, seed)

    every_message_has_a_receipt(votes, rig.tenant, outcome)
    the_votes_are_counted(votes, outcome)
    events = conversation.votes_cast(outcome.bodies)
    for_or_against, stand = (
        conversation.for_or_against(f(events)) for f in (conversation.count_votes, conversation.in_force)
    )
    assert for_or_against == conversation.published(votes)
    assert len(events) - conversation.in_force(events).total() == conversation.RE_VOTES
    assert for_or_against.total() - stand.total() == conversation.OF_THEM_FOR_OR_AGAINST
    every_fold_is_the_same(rig, outcome, postgres)
