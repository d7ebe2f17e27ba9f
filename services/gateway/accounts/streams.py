"""The configuration of the streams and of the publishers' consumers, and functions that create them at the broker; all are
idempotent.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from microgov.services.chassis.errors import Again, Denied
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.gateway.accounts.permissions import Publisher, in_name, log_name

MONTH = 30 * 24 * 3600.0
LOG_MESSAGE = 256 * 1024
IN_MESSAGE = 64 * 1024
QUOTA = 256 * 1024 * 1024
"""Default limit, in bytes, for the messages of one publisher that wait for the door."""


def in_stream(tenant: str, publisher: str, max_bytes: int = QUOTA, replicas: int = 1) -> StreamConfig:
    """The stream with the messages that one publisher has sent for one tenant and the door has not read yet. When it is
    full, the broker refuses messages of that publisher only.
    """
    return _stream(
        in_name(tenant, publisher),
        f"in.{publisher}.{tenant}.>",
        IN_MESSAGE,
        replicas,
        max_bytes=max_bytes,
        discard=DiscardPolicy.NEW,
    )


def log_stream(tenant: str, replicas: int = 1) -> StreamConfig:
    """The stream of a tenant's log, kept for ever."""
    return _stream(log_name(tenant), f"log.{tenant}.>", LOG_MESSAGE, replicas, allow_atomic=True)


def receipt_stream(replicas: int = 1) -> StreamConfig:
    """The stream of receipts, kept for 30 days."""
    return _stream("RECEIPT", "receipt.>", LOG_MESSAGE, replicas, allow_atomic=True, max_age=MONTH)


def out_stream(replicas: int = 1) -> StreamConfig:
    """The stream of the copies of events for publishers, kept for 30 days."""
    return _stream("OUT", "out.>", LOG_MESSAGE, replicas, allow_atomic=True, max_age=MONTH)


def _stream(
    name: str,
    subject: str,
    max_msg_size: int,
    replicas: int,
    *,
    max_bytes: int = -1,
    max_age: float = 0,
    discard: DiscardPolicy = DiscardPolicy.OLD,
    allow_atomic: bool | None = None,
) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=[subject],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        num_replicas=replicas,
        max_msg_size=max_msg_size,
        max_bytes=max_bytes,
        max_age=max_age,
        discard=discard,
        allow_atomic=allow_atomic,
        allow_direct=True,
    )


@asynccontextmanager
async def administering(bus: Bus) -> AsyncIterator[JetStreamContext]:
    """JetStream's API on this connection. Raises Denied if the broker refuses the request, ApiError if it answers with an
    error, otherwise Again.
    """
    try:
        yield bus.nc.jetstream(timeout=10)
    except APIError as error:
        raise ApiError(error.err_code or 0, error.description or "") from error
    except (nats.errors.Error, TimeoutError) as error:
        raise (Denied(bus.denied) if bus.denied else Again(repr(error))) from error


async def ensure(js: JetStreamContext, config: StreamConfig) -> bool:
    """Creates the stream, or changes its configuration to this one and keeps its messages. Returns True if the stream was
    created.
    """
    assert config.name is not None
    try:
        found = (await js.stream_info(config.name)).config
    except NotFoundError:
        await js.add_stream(config)
        return True
    wanted = config.as_dict()
    known = found.as_dict()
    if any(known.get(key) != value for key, value in wanted.items() if value is not None):
        # What the stream is marked with stays: from which backup it comes (microgov/safekeeping).
        await js.update_stream(config.evolve(metadata=found.metadata))
    return False


def reading_place(stream: str, publisher: str) -> ConsumerConfig:
    """The durable consumer by which a publisher reads its own messages of RECEIPT or OUT."""
    return ConsumerConfig(
        name=publisher,
        durable_name=publisher,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=30.0,
        filter_subject=f"{stream.lower()}.{publisher}.>",
        max_ack_pending=1000,
    )


async def ensure_publisher(js: JetStreamContext, publisher: Publisher, max_bytes: int = QUOTA) -> list[str]:
    """Makes the publisher's IN stream for every tenant of its grant and its consumers in RECEIPT and OUT; returns the
    tenants whose IN stream was made.
    """
    made = [
        tenant
        for tenant in publisher.tenants
        if await ensure(js, in_stream(tenant, publisher.name, max_bytes))
    ]
    for config in (receipt_stream(), out_stream()):
        await ensure(js, config)
        await _ensure_reading_place(js, config.name or "", publisher.name)
    return made


async def _ensure_reading_place(js: JetStreamContext, stream: str, publisher: str) -> None:
    """Makes the consumer, or changes its configuration. One that was restored began where the publisher had read up to, and
    may be paused; the broker keeps that.
    """
    wanted = reading_place(stream, publisher)
    with suppress(NotFoundError):
        found = (await js.consumer_info(stream, publisher)).config
        wanted.deliver_policy, wanted.opt_start_seq = found.deliver_policy, found.opt_start_seq
        wanted.metadata = found.metadata
    await js.add_consumer(stream, wanted)
