"""Reads whole streams for the ledger, with the time at which the broker stored each message."""

from collections.abc import Sequence
from typing import NamedTuple

from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.log import Stored


class Timed(NamedTuple):
    """A message and the time at which it was stored, in seconds since 1970."""

    stored: Stored
    at: float


class TimedReader(JetStreamReader):
    """Notes the time of storing, which the reply subject of each delivery contains."""

    def __init__(self, bus: Bus, stream: str) -> None:
        super().__init__(bus, stream)
        self.times: dict[int, float] = {}

    def _delivered(self, subject: bytes, reply: bytes, data: bytes) -> None:
        parts = reply.split(b".")
        self.times[int(parts[-4])] = int(parts[-2]) / 1e9
        super()._delivered(subject, reply, data)


async def read_all(
    url: str, stream: str, after: int = 0, filters: Sequence[str] | None = None
) -> list[Timed]:
    """All messages that are behind a sequence now."""
    bus = await Bus.connect(BrokerAddress(url), "ledger")
    found: list[Timed] = []
    try:
        reader = await TimedReader.open(bus, stream, after, filters)
        left = reader.pending
        while len(found) < left:
            found += [Timed(stored, reader.times[stored.seq]) for stored in await reader.batch(1000, 2.0)]
        await reader.close()
    finally:
        await bus.close()
    return found
