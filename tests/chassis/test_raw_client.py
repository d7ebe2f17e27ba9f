"""The private parts of nats-py that this project uses do what it relies on, on a real broker, and are used in one file."""

import ast
import asyncio
from pathlib import Path

import nats
import pytest

from microgov.services.chassis.jetstream import raw_client
from microgov.services.chassis.jetstream.raw_client import RawClient
from tests.support.servers import NatsServer

ROOT = Path(__file__).parents[2]
FRAME = b"PUB raw.test answer 2\r\nhi\r\n"
WITH_HEADER = b"HPUB raw.test 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nho\r\n"


async def connected(server: NatsServer) -> RawClient:
    client = RawClient()
    await client.connect(server.url, allow_reconnect=False)
    return client


async def test_frames_are_sent_unchanged_and_passed_on_in_order(nats_server: NatsServer) -> None:
    client, taken = await connected(nats_server), list[tuple[bytes, bytes, bytes, bytes]]()

    async def take(subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        taken.append((subject, reply, data, headers or b""))

    subscription = await client.take("raw.test", take)
    await client.flush()
    await client.write([FRAME, WITH_HEADER])
    await client.flush()

    assert taken == [
        (b"raw.test", b"answer", b"hi", b""),
        (b"raw.test", b"", b"ho", b"NATS/1.0\r\nA: b\r\n\r\n"),
    ]
    client.drop(subscription)
    await client.write([FRAME])
    await client.flush()
    assert len(taken) == 2
    await client.close()


async def test_written_returns_after_the_frames_were_sent(nats_server: NatsServer) -> None:
    client, other = await connected(nats_server), await nats.connect(nats_server.url)
    answers = await other.subscribe("raw.test")
    await other.flush()

    await client.write([FRAME])

    try:
        assert (await answers.next_msg(timeout=20)).data == b"hi"
    finally:
        await client.close()
        await other.close()


async def test_hanging_up_closes_the_socket() -> None:
    gone = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        client, port = RawClient(), server.sockets[0].getsockname()[1]
        connecting = asyncio.create_task(client.connect(f"nats://127.0.0.1:{port}", allow_reconnect=False))
        await asyncio.wait({connecting}, timeout=0.2)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert not gone.is_set()

        client.hang_up()

        await asyncio.wait_for(gone.wait(), 5)


def test_no_other_file_uses_a_private_part_of_a_client_or_a_subscription() -> None:
    used = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("services", "microgov", "contracts")
        for path in (ROOT / folder).rglob("*.py")
        if path.resolve() != Path(raw_client.__file__).resolve()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and _of_nats(node.value)
    ]

    assert used == []


def _of_nats(value: ast.expr) -> bool:
    """Whether the name is one that this project gives to a client or a subscription of nats-py."""
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name in ("nc", "js", "client", "subscription")
