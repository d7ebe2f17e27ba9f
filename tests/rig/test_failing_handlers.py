"""Messages at which a handler fails are quarantined, others are handled, and a retry with a repaired handler succeeds."""

import os
from datetime import UTC, datetime

import pytest

from microgov.contracts.ids import MESSAGE_NAMESPACE, message_id
from microgov.contracts.issues import CosignIssue
from microgov.contracts.log import DiscardMessage, RetryMessage
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.messages.stamp import Input, stamp_input, system_sender
from tests.rig.conftest import RigUnderTest
from tests.rig.failing_handlers import KILLER, ODD, POISON, UNWRITABLE
from tests.rig.publisher import Sent

FOUND_WITHIN = 60.0
"""Seconds within which a message must be quarantined."""
OTHERS_WITHIN = 5.0 if "PYTEST_XDIST_WORKER" not in os.environ else 20.0
"""Seconds within which any other message must be handled. Tests that run in parallel slow each other down."""


async def send_among_others(tried: RigUnderTest, title: str) -> Sent:
    """Sends an issue with that title and its co-signature among other messages, and asserts that the ledger is clean."""
    await tried.ready()
    tried.rig.mend(False)
    loader = tried.rig.loader
    before, bad = loader.mixture(40), loader.issue(title)
    loader.issues.remove(str(bad.subject))
    behind = loader.cosign(bad.subject, "p-2")
    await loader.send([*before, bad, behind, *loader.mixture(tried.load // 2)], burst=200)
    await tried.clean()
    tried.clean_so_far = False
    return bad


def quarantined_at(tried: RigUnderTest, subject: str | None, after: int) -> tuple[int, float]:
    """The log sequence of the quarantined message, and how many seconds its quarantine took."""
    facts = [
        b
        for b in tried.auditor.since(after)
        if b["type"] == "log.message_quarantined.v1" and b["subject"] == subject
    ]
    assert len(facts) == 1, f"{subject} is not in quarantine once: {facts}"
    seq, times = facts[0]["data"]["stream_seq"], tried.auditor.times
    return seq, times[facts[0]["stream_seq"]] - times[seq]


def events_about(tried: RigUnderTest, subject: str | None) -> list[str]:
    """The names of the events about a subject."""
    return [
        b["type"].split(".")[1]
        for b in tried.auditor.since(0)
        if b["subject"] == subject and b["writer"] == "issues"
    ]


async def mend_and_retry(tried: RigUnderTest, bad: Sent, seq: int) -> None:
    """Repairs the handler, retries the message, and asserts that it and the message held behind it are folded."""
    tried.rig.mend()
    await tried.rig.office.send([tried.rig.office.operate(RetryMessage(service="issues", stream_seq=seq))])
    await tried.clean()
    assert events_about(tried, bad.subject) == ["message_quarantined", "issue_submitted", "issue_cosigned"]


@pytest.mark.parametrize("title", [POISON, UNWRITABLE])
async def test_a_poison_message_is_quarantined_and_delays_no_other(tried: RigUnderTest, title: str) -> None:
    after = tried.auditor.end

    bad = await send_among_others(tried, title)

    seq, seconds = quarantined_at(tried, bad.subject, after)
    assert seconds <= FOUND_WITHIN
    assert max(tried.auditor.delays(after).values()) <= OTHERS_WITHIN
    assert events_about(tried, bad.subject) == ["message_quarantined"]
    await mend_and_retry(tried, bad, seq)


@pytest.mark.slow
async def test_a_message_at_which_the_process_dies_is_quarantined(tried: RigUnderTest) -> None:
    await tried.ready()
    after, deaths = tried.auditor.end, len(tried.rig.pids["issues"])

    bad = await send_among_others(tried, KILLER)

    seq, seconds = quarantined_at(tried, bad.subject, after)
    assert seconds <= FOUND_WITHIN
    assert 3 <= len(tried.rig.pids["issues"]) - deaths <= 4
    await mend_and_retry(tried, bad, seq)


async def test_an_unexpected_error_of_the_door_is_answered_and_the_next_message_accepted(
    tried: RigUnderTest,
) -> None:
    await tried.ready()
    loader = tried.rig.loader
    issue = loader.issue()
    odd, next_ = loader.cosign(issue.subject, ODD), loader.cosign(issue.subject, "p-3")

    await loader.send([issue, odd, next_])
    await tried.clean()

    codes = {r["publisherid"]: r.get("code") for r in tried.auditor.receipts}
    assert (codes[odd.id], codes[next_.id]) == ("internal_error", None)


async def test_an_unreadable_message_of_the_log_stays_quarantined_until_it_is_discarded(
    tried: RigUnderTest,
) -> None:
    await tried.ready()
    loader, after = tried.rig.loader, tried.auditor.end
    issue = loader.issue()
    await loader.send([issue])
    await tried.clean()
    tried.clean_so_far = False

    seq = await append_unreadable(tried, str(issue.subject))
    behind = loader.cosign(issue.subject, "p-4")
    await loader.send([behind])
    await tried.rig.office.send([tried.rig.office.operate(RetryMessage(service="issues", stream_seq=seq))])
    await tried.clean()
    tried.clean_so_far = False
    assert events_about(tried, issue.subject) == [
        "issue_submitted",
        "message_quarantined",
        "message_quarantined",
    ]

    await tried.rig.office.send([tried.rig.office.operate(DiscardMessage(service="issues", stream_seq=seq))])
    await tried.clean()
    assert events_about(tried, issue.subject)[-1] == "issue_cosigned"
    assert max(tried.auditor.delays(after).values()) <= OTHERS_WITHIN


async def append_unreadable(tried: RigUnderTest, subject: str) -> int:
    """Appends a co-signature with an invalid channel, as an older gateway might have; returns its log sequence."""
    rig, writer = tried.rig, "legacy"
    log = JetStreamLog(await Bus.connect(BrokerAddress(rig.nats.url)), rig.tenant)
    last = await log.last(writer)
    seq = last.seq if last is not None else 0
    n = 1 + sum(body["writer"] == writer for body in tried.auditor.since(0))
    given = Input(
        CosignIssue(channel="app"),
        subject,
        message_id(MESSAGE_NAMESPACE, f"{writer}/{n}"),
        datetime.now(UTC),
        system_sender(writer),
    )
    row = stamp_input(rig.tenant, writer, given).numbered(n)
    stands = await log.append(
        writer, [row._replace(data=row.data.replace(b'{"channel":"app"}', b'{"channel":7}'))], seq
    )
    await log.close()
    return stands
