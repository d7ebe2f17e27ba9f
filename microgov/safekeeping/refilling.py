"""Fills a new stream with the messages of a backup: every message gets its sequence again, and holes are holes again."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nats.js.api import StreamConfig

from microgov.safekeeping.stream_parts import Timed
from microgov.services.chassis.errors import Again
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import CHUNK_BYTES, CHUNK_MESSAGES, GENERATION, JetStreamLog
from microgov.services.chassis.log import Outgoing, Stored
from microgov.services.gateway.accounts.streams import reading_place

Progress = Callable[[int], None]


async def make_stream(bus: Bus, config: StreamConfig, first: int, generation: int) -> None:
    """Makes the stream, whose next message gets the sequence `first`. Raises ApiError if there is one of that name."""
    body = {
        **config.as_dict(),
        "first_seq": first,
        "metadata": {**(config.metadata or {}), GENERATION: str(generation)},
    }
    await bus.api(f"STREAM.CREATE.{config.name}", body)


async def make_reading_places(
    bus: Bus, stream: str, read_up_to: Mapping[str, int], marks: Mapping[str, Any]
) -> None:
    """Makes the consumers by which publishers read the stream; each goes on behind what was acknowledged. `marks`: further
    fields of their configuration.
    """
    for publisher, seq in read_up_to.items():
        config = reading_place(stream, publisher).as_dict()
        config |= {"deliver_policy": "by_start_sequence", "opt_start_seq": seq + 1, **marks}
        body = {"stream_name": stream, "config": config, "action": "create"}
        await bus.api(f"CONSUMER.CREATE.{stream}.{publisher}", body)


class Refilling(JetStreamLog):
    """Fills one stream, which was made with its first sequence. `together`: how many messages are sent at once; a stream
    that takes no batches gets them one by one.
    """

    def __init__(self, bus: Bus, stream: str, first: int, together: int = CHUNK_MESSAGES) -> None:
        super().__init__(bus, "", stream)
        self.next, self.together = first, together
        self.holes: list[int] = []

    async def fill(
        self, messages: Iterable[Timed], filler: str, end: int, progress: Progress = lambda count: None
    ) -> None:
        """Sends the messages in order; behind the last one, holes up to the sequence `end`. `filler`: a subject of the
        stream, for messages that are deleted again.
        """
        chunk: list[Stored] = []
        size = 0
        for message in self._with_holes((one.message for one in messages), filler, end):
            if len(chunk) == self.together or size + len(message.data) > CHUNK_BYTES:
                await self._send_chunk(chunk, progress)
                chunk, size = [], 0
            chunk.append(message)
            size += len(message.data)
        if chunk:
            await self._send_chunk(chunk, progress)
        for seq in self.holes:
            await self.bus.api(f"STREAM.MSG.DELETE.{self.stream}", {"seq": seq, "no_erase": True})

    def _with_holes(self, messages: Iterable[Stored], filler: str, end: int) -> Iterable[Stored]:
        at = self.next
        for message in messages:
            for seq in range(at, message.seq):
                self.holes.append(seq)
                yield Stored(seq, filler, b"")
            yield message
            at = message.seq + 1
        for seq in range(at, end + 1):
            self.holes.append(seq)
            yield Stored(seq, filler, b"")

    async def _send_chunk(self, chunk: list[Stored], progress: Progress) -> None:
        rows = [Outgoing(one.seq, "", one.subject, one.data) for one in chunk]
        stored = await self.append_unfenced(rows)
        if stored != chunk[-1].seq:
            raise Again(f"{self.stream}: {chunk[-1].seq} became {stored}: somebody else writes into it")
        self.next = stored + 1
        progress(len(chunk))
