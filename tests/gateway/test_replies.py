"""Acknowledgements and answers on a real server reach the asker, and cannot be directed into a stream."""

import asyncio

import pytest
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout

from microgov.services.gateway.accounts.permissions import INTERNAL_USERS, WRITERS
from tests.gateway.conftest import AccountsServer


async def message_count(deployment: AccountsServer, stream: str) -> int:
    """The number of messages in the stream."""
    async with deployment.client("gateway") as (client, _):
        return (await client.jetstream().stream_info(stream)).state.messages


@pytest.mark.parametrize(
    "reply",
    [
        "log.donghu.issues.issues.issue_submitted.v1",
        "in.other.xihu.issues.submit_issue.v1",
        "receipt.other.xihu",
    ],
)
async def test_an_acknowledgement_to_a_foreign_subject_is_stored_nowhere(
    deployment: AccountsServer, reply: str
) -> None:
    streams = ("LOG-donghu", "IN-xihu_other", "RECEIPT")
    before = [await message_count(deployment, stream) for stream in streams]
    sent = await message_count(deployment, "IN-donghu_portal")

    async with deployment.client("portal") as (client, forbidden):
        await client.publish("in.portal.donghu.issues.submit_issue.v1", b"{}", reply=reply)
        await client.flush()
        await asyncio.sleep(0.1)

    assert not forbidden
    assert await message_count(deployment, "IN-donghu_portal") == sent + 1
    assert [await message_count(deployment, stream) for stream in streams] == before


WRITER_SUBJECTS = [
    f"log.donghu.{writer}.issues.issue_submitted.v1" for writers in WRITERS.values() for writer in writers
]
ANSWERED_REQUESTS = (
    ("$JS.API.STREAM.INFO.LOG-donghu", b""),
    ("$JS.API.STREAM.MSG.GET.LOG-donghu", b'{"seq":1}'),
    ("$JS.API.DIRECT.GET.LOG-donghu", b'{"seq":1}'),
    ("$JS.API.CONSUMER.INFO.LOG-donghu.x", b""),
    ("$JS.API.CONSUMER.CREATE.LOG-donghu.x", b'{"stream_name":"LOG-donghu","config":{"name":"x"}}'),
    ("$JS.API.CONSUMER.MSG.NEXT.LOG-donghu.x", b'{"batch":1,"no_wait":true}'),
    ("ask.gateway.donghu.issues.progress", b""),
    ("ask.operator.donghu.issues.progress", b""),
    *((subject, b"{}") for subject in WRITER_SUBJECTS),
)
"""Requests that the broker or a service answers. The answer must not be stored if the reply subject is one of the log."""


@pytest.mark.parametrize("user", INTERNAL_USERS)
async def test_no_answer_is_stored_under_a_subject_of_the_log(deployment: AccountsServer, user: str) -> None:
    """Every internal user, every request that is answered, every writer's subject as the reply."""
    async with deployment.client("gateway") as (client, _):
        await client.jetstream().publish("log.donghu.gateway.issues.issue_submitted.v1", b"{}")
    before = await subjects(deployment, "LOG-donghu")

    async with deployment.client(user) as (client, _), deployment.client("issues") as (issues, _):
        await issues.subscribe("ask.gateway.*.issues.>", cb=answer)
        await issues.subscribe("ask.operator.*.issues.>", cb=answer)
        await issues.flush()
        for request, body in ANSWERED_REQUESTS:
            for reply in WRITER_SUBJECTS:
                await client.publish(request, body, reply=reply)
        await client.flush()
        await asyncio.sleep(0.3)

    after = await subjects(deployment, "LOG-donghu")
    mine = {subject for subject in WRITER_SUBJECTS if subject.split(".")[2] in WRITERS.get(user, ())}
    assert {
        subject: after.get(subject, 0) - before.get(subject, 0)
        for subject in WRITER_SUBJECTS
        if subject not in mine
    } == {subject: 0 for subject in WRITER_SUBJECTS if subject not in mine}


async def subjects(deployment: AccountsServer, stream: str) -> dict[str, int]:
    """The number of messages under each subject."""
    async with deployment.client("gateway") as (client, _):
        info = await client.jetstream().stream_info(stream, subjects_filter=">")
        return dict(info.state.subjects or {})


async def test_a_publisher_gets_an_acknowledgement_for_what_it_sent(deployment: AccountsServer) -> None:
    async with deployment.client("portal") as (client, _):
        ack = await client.jetstream().publish("in.portal.donghu.issues.submit_issue.v1", b"{}")

    assert ack.stream == "IN-donghu_portal"


async def test_a_publisher_reads_and_acknowledges_its_own_receipts_alone(deployment: AccountsServer) -> None:
    async with deployment.client("gateway") as (client, _):
        js = client.jetstream()
        await js.purge_stream("RECEIPT")
        for n in range(3):
            await js.publish("receipt.portal.donghu", b"mine %d" % n)
            await js.publish("receipt.other.xihu", b"foreign")

    async with deployment.client("portal") as (client, forbidden):
        inbox = client.new_inbox()
        answers = await client.subscribe(inbox)
        pull = "$JS.API.CONSUMER.MSG.NEXT.RECEIPT"
        await client.publish(f"{pull}.portal", b'{"batch":10,"expires":500000000}', reply=inbox)
        got = [await answers.next_msg(timeout=2) for _ in range(3)]
        for message in got:
            await message.ack()
        await client.publish(f"{pull}.other", b'{"batch":10}', reply=inbox)
        await client.flush()
        await asyncio.sleep(0.05)

    assert [message.data for message in got] == [b"mine 0", b"mine 1", b"mine 2"]
    assert forbidden == ["$js.api.consumer.msg.next.receipt.other"]
    async with deployment.client("gateway") as (client, _):
        info = await client.jetstream().consumer_info("RECEIPT", "portal")
        assert (info.num_ack_pending, info.num_pending) == (0, 0)
        assert info.ack_floor is not None
        assert info.ack_floor.consumer_seq == 3


async def test_questions_reach_those_who_may_answer(deployment: AccountsServer) -> None:
    async with deployment.client("gateway") as (gateway, _), deployment.client("issues") as (issues, _):
        await gateway.subscribe("ask.*.*.gateway.>", cb=answer)
        await issues.subscribe("ask.gateway.*.issues.>", cb=answer)
        await issues.subscribe("ask.operator.*.issues.>", cb=answer)
        await gateway.flush()
        await issues.flush()

        async with deployment.client("portal") as (portal, _), deployment.client("operator") as (operator, _):
            answers = [
                (await asker.request(f"ask.{name}.donghu.{service}.ask_progress", b"", timeout=2)).data
                for asker, name, service in (
                    (portal, "portal", "gateway"),
                    (operator, "operator", "issues"),
                    (operator, "operator", "gateway"),
                    (gateway, "gateway", "issues"),
                )
            ]
            with pytest.raises((NoRespondersError, NatsTimeout)):
                await portal.request("ask.portal.donghu.issues.ask_progress", b"", timeout=0.3)
    assert answers == [b"from gateway", b"from issues", b"from gateway", b"from issues"]


async def answer(message: Msg) -> None:
    """Answers a question with the name of the service in its subject."""
    await message.respond(b"from " + message.subject.split(".")[3].encode())
