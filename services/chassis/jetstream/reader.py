"""Reads a stream in order, without gaps and without acknowledgements. Every sign that a message may be lost raises Hole:

a consumer sequence that is not the next one; a heartbeat whose sequence differs from ours; a pull request that ended with
another number of open messages than expected; an unknown status; no sign of life for three heartbeats. A disconnect raises
Away.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

import nats.errors

from microgov.services.chassis.errors import Again, Away, Hole
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.log import Stored

PULL, EXPIRES, HEARTBEAT, QUEUE = 1000, 4.0, 1.0, 4000
"""PULL: messages per pull request. EXPIRES: seconds after which a pull request ends. HEARTBEAT: seconds between heartbeats.
QUEUE: no pull request is sent while so many messages wait in the reader.
"""
"""PULL: messages per pull request. EXPIRES: seconds after which a pull request ends. HEARTBEAT: seconds between heartbeats.
QUEUE: no pull request is sent while so many messages wait in the reader.
"""
_SECOND = 1_000_000_000


class JetStreamReader:
    """An ephemeral pull consumer. `pending`: how many more messages that match its filter the stream held when the last one
    was delivered. `sequence`: the consumer sequence of the last message. `left`: open messages of the current pull request.
    """

    def __init__(self, bus: Bus, stream: str) -> None:
        self.bus, self.stream = bus, stream
        self.name = f"r-{uuid.uuid4().hex}"
        self.token = self.name.encode()
        self.inbox = bus.nc.new_inbox()
        self.queue: list[Stored] = []
        self.more = asyncio.Event()
        self.error: Hole | None = None
        self.pending = self.sequence = self.left = self.pulls = self.taken = 0
        self.alive = time.monotonic()
        self.subscription: Any = None

    @classmethod
    async def open(cls, bus: Bus, stream: str, after: int, filters: Sequence[str] | None) -> Self:
        """A reader of everything after sequence `after` whose subject matches a filter (None: everything)."""
        reader = cls(bus, stream)
        config: dict[str, Any] = {
            "name": reader.name,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": after + 1,
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": 20 * _SECOND,
            "mem_storage": True,
            "num_replicas": 1,
        }
        if filters is not None:
            config["filter_subjects"] = list(filters)
        body = {"stream_name": stream, "config": config, "action": "create"}
        answer = await bus.api(f"CONSUMER.CREATE.{stream}.{reader.name}", body)
        reader.pending = answer["num_pending"]
        reader.subscription = await bus.nc.take(reader.inbox + ".*", reader._on)
        await reader._pull()
        return reader

    async def _pull(self) -> None:
        self.pulls += 1
        self.left = PULL
        body = {"batch": PULL, "expires": int(EXPIRES * _SECOND), "idle_heartbeat": int(HEARTBEAT * _SECOND)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{self.name}"
        try:
            await self.bus.nc.publish(subject, json.dumps(body).encode(), f"{self.inbox}.{self.pulls}")
        except (nats.errors.Error, OSError) as error:
            self._hole(f"pull: {error!r}")

    def _hole(self, why: str) -> None:
        self.error = self.error or Hole(f"{self.stream}: {why}")
        self.more.set()

    async def _on(self, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        self.alive = time.monotonic()
        if reply.startswith(b"$JS.ACK."):
            self._delivered(subject, reply, data)
        else:
            self._status(subject, headers or b"")
        if self.left == 0:
            await self._pull_if_due()

    def _delivered(self, subject: bytes, reply: bytes, data: bytes) -> None:
        parts = reply.split(b".")
        sequence = int(parts[-3])
        if parts[-6] != self.token or sequence != self.sequence + 1:
            return self._hole(f"consumer sequence {sequence} after {self.sequence}")
        self.sequence, self.pending = sequence, int(parts[-1])
        self.left -= 1
        self.queue.append(Stored(int(parts[-4]), subject.decode(), data))
        return self.more.set()

    def _status(self, subject: bytes, headers: bytes) -> None:
        first, *lines = headers.decode().split("\r\n")
        said = dict(line.split(": ", 1) for line in lines if ": " in line)
        status = first.removeprefix("NATS/1.0 ")
        if status.startswith("100"):
            if int(said.get("Nats-Last-Consumer", -1)) != self.sequence:
                self._hole(f"heartbeat at {said.get('Nats-Last-Consumer')}, we are at {self.sequence}")
        elif status.startswith("408") and subject.endswith(b".%d" % self.pulls):
            if int(said.get("Nats-Pending-Messages", -1)) != self.left:
                self._hole(f"pull ended with {said.get('Nats-Pending-Messages')} open, we expect {self.left}")
            self.left = 0
        else:
            self._hole(f"status {status}")

    async def _pull_if_due(self) -> None:
        if self.left == 0 and self.error is None and len(self.queue) < QUEUE:
            await self._pull()

    async def behind(self) -> int:
        info = await self.bus.api(f"CONSUMER.INFO.{self.stream}.{self.name}")
        under_way = int(info["delivered"]["consumer_seq"]) - self.sequence
        # Not below 0: messages may have arrived and been taken meanwhile.
        return max(0, int(info["num_pending"]) + under_way + len(self.queue))

    async def batch(self, most: int, wait: float) -> list[Stored]:
        end = time.monotonic() + wait
        while True:
            if self.error is not None:
                raise self.error
            if not self.bus.nc.is_connected:
                raise Away(f"{self.stream}: disconnected")
            if self.queue:
                taken, self.queue = self.queue[:most], self.queue[most:]
                self.taken = taken[-1].seq
                await self._pull_if_due()
                return taken
            now = time.monotonic()
            if now - self.alive > 3 * HEARTBEAT:
                raise Hole(f"{self.stream}: silence")
            if now >= end:
                return []
            self.more.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(HEARTBEAT, end - now)):
                    await self.more.wait()

    async def close(self) -> None:
        """Asks the broker to delete the consumer; without that, the broker deletes it after 20 s."""
        self.bus.nc.drop(self.subscription)
        try:
            await self.subscription.unsubscribe()
            await self.bus.api(f"CONSUMER.DELETE.{self.stream}.{self.name}")
        except (Again, nats.errors.Error, OSError):
            return
