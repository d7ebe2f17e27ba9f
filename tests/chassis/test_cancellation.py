"""Tasks that are cancelled end, even if a library swallows the cancellation."""

import asyncio
import random
import time

import nats
import pytest

from microgov.services.chassis import cancellation
from microgov.services.chassis.cancellation import cancel_and_wait, run_together
from microgov.services.chassis.errors import Again, Fenced, Hole
from microgov.services.chassis.fold.appender import Appender
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.jetstream import log as jetstream
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Outgoing
from microgov.services.gateway.accounts import streams
from tests.support.servers import NatsServer


async def ignore_cancellation(times: int, ready: asyncio.Event | None = None) -> None:
    """Swallows `times` cancellations and ends at the next one; sets `ready` once it waits."""
    for _ in range(times + 1):
        try:
            if ready is not None:
                ready.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


async def raise_error() -> None:
    await asyncio.sleep(0.01)
    raise ValueError("a hole")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancellation, "CANCEL_INTERVAL", 0.05)


async def test_a_task_that_swallows_a_cancellation_does_not_delay_the_others() -> None:
    with pytest.raises(ValueError, match="a hole"):
        await asyncio.wait_for(run_together(ignore_cancellation(2), raise_error()), 5)


async def cancelled_from_inside() -> None:
    """Cancels itself, as nats-py cancels tasks that wait for a connection which it closes."""
    inner = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.01, inner.cancel)
    await inner


async def test_a_task_that_a_library_cancels_ends_all_tasks_with_an_error_that_is_tried_again() -> None:
    with pytest.raises(Again):
        await asyncio.wait_for(run_together(ignore_cancellation(0), cancelled_from_inside()), 5)


async def test_a_loop_that_a_library_cancels_starts_again_and_one_that_its_owner_cancels_ends() -> None:
    class Once(RetryLoop):
        began = 0

        async def run_once(self) -> None:
            self.began += 1
            await (cancelled_from_inside() if self.began < 3 else ignore_cancellation(0))

    loop = Once("once", None)  # type: ignore[arg-type]  # it never asks its lease
    running = asyncio.create_task(loop.run())
    async with asyncio.timeout(5):
        while loop.began < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    await cancel_and_wait(running)

    assert running.cancelled()
    assert loop.began == 3


async def test_a_waiting_task_that_is_cancelled_ends_once_all_tasks_have_ended() -> None:
    ready = asyncio.Event()
    inner = asyncio.create_task(ignore_cancellation(2, ready))
    await ready.wait()
    outer = asyncio.create_task(cancel_and_wait(inner))
    await asyncio.sleep(0)

    outer.cancel()
    await asyncio.wait([outer], timeout=5)

    assert outer.cancelled()
    assert inner.done()


async def test_cancel_and_wait_raises_no_error_of_the_tasks() -> None:
    await cancel_and_wait(asyncio.create_task(raise_error()), asyncio.create_task(ignore_cancellation(0)))


async def test_a_missed_message_ends_an_append_that_is_in_flight(nats_server: NatsServer) -> None:
    """A flush of nats-py swallows a cancellation that arrives together with the answer that it waits for."""
    nc = await nats.connect(nats_server.url)
    await streams.ensure(nc.jetstream(), streams.log_stream("ending"))
    await nc.close()
    draw = random.Random(7)

    for _ in range(20):
        log = JetStreamLog(await Bus.connect(BrokerAddress(nats_server.url)), "ending")
        appender = Appender("issues")
        appender.last = await log.end()

        with pytest.raises((Hole, Fenced)):
            async with asyncio.timeout(5):
                await run_together(_hole_after(draw.uniform(0.001, 0.004), appender), appender.run(log))
        await log.close()


async def _hole_after(seconds: float, appender: Appender) -> None:
    """Keeps an append in flight for this time, then raises Hole."""
    until = time.monotonic() + seconds
    n = 0
    while time.monotonic() < until:
        if appender.idle.is_set():
            n += 1
            appender.put([Outgoing(n, "", "log.ending.issues.t", b"{}")])
        await asyncio.sleep(0)
    raise Hole("found")


async def test_an_append_whose_client_is_closed_raises_an_error_that_is_tried_again(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a timeout, a task in the queue of nats-py's flusher waits for ever after the flusher has ended."""
    monkeypatch.setattr(jetstream, "PATIENCE", 0.2)
    log = JetStreamLog(await Bus.connect(BrokerAddress(nats_server.url)), "ending")
    flusher, queue = log.bus.nc._flusher_task, log.bus.nc._flush_queue
    assert flusher is not None
    assert queue is not None
    appending = asyncio.create_task(
        log.append("issues", [Outgoing(1, "", "log.ending.issues.t", b"{}")], await log.end())
    )
    while queue.empty():  # noqa: ASYNC110  # it has no event
        await asyncio.sleep(0)

    flusher.cancel()
    await asyncio.wait([appending], timeout=5)

    assert appending.done()
    assert type(appending.exception()) is Again
    await log.close()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_connection_attempt_that_fails_is_closed(cancelled: bool) -> None:
    hung_up = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        hung_up.set()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        connecting = asyncio.create_task(Bus.connect(BrokerAddress(f"nats://127.0.0.1:{port}")))
        await asyncio.wait({connecting}, timeout=0.2 if cancelled else 5)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError if cancelled else Again):
            await connecting
        await asyncio.wait_for(hung_up.wait(), 5)
