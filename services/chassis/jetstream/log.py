"""The log on JetStream: it is read without acknowledgements and appended to in atomic batches, which the broker fences."""

import asyncio
import base64
import json
import uuid
from collections.abc import Sequence
from typing import Any

import nats.errors

from microgov.services.chassis.cancellation import raise_if_cancelled
from microgov.services.chassis.errors import Again, Away, Fenced
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.log import FIRST_GENERATION, Outgoing, Stored

NO_MESSAGE = 10037
FENCED_CODES = {10071, 10164, 10176}
PATIENCE = 5.0
CHUNK_MESSAGES, CHUNK_BYTES = 500, 4_000_000


GENERATION = "microgov.generation"
"""The name of a stream's generation in its metadata; without it the generation is the first."""


def generation_of(info: dict[str, Any]) -> int:
    """The generation of a stream, from what the broker says about it."""
    return int((info["config"].get("metadata") or {}).get(GENERATION, FIRST_GENERATION))


class JetStreamLog:
    """One stream on one connection: the tenant's log or, if `stream` is given, the stream of that name."""

    def __init__(
        self, bus: Bus, tenant: str, stream: str | None = None, points: FaultPoints = NO_FAULTS
    ) -> None:
        self.bus, self.tenant, self.points = bus, tenant, points
        self.stream = stream or f"LOG-{tenant}"

    def subjects_of(self, writer: str) -> str:
        """The subjects of this writer's messages: in the log all of the writer's; in another stream, where the writer is
        given as a subject with dots, that subject.
        """
        return writer if "." in writer else f"log.{self.tenant}.{writer}.>"

    async def read(self, after: int, types: Sequence[str] | None) -> JetStreamReader:
        filters = [f"log.{self.tenant}.*.{t}" for t in types] if types is not None else None
        return await JetStreamReader.open(self.bus, self.stream, after, filters)

    async def read_subject(self, subject: str) -> JetStreamReader:
        """A reader of all messages with this subject, which may have wildcards."""
        return await JetStreamReader.open(self.bus, self.stream, 0, [subject])

    async def end(self) -> int:
        return int((await self.bus.api(f"STREAM.INFO.{self.stream}"))["state"]["last_seq"])

    async def holds(self) -> int:
        return int((await self.bus.api(f"STREAM.INFO.{self.stream}"))["state"]["messages"])

    async def generation(self) -> int:
        return generation_of(await self.bus.api(f"STREAM.INFO.{self.stream}"))

    async def close(self) -> None:
        await self.bus.close()

    async def get(self, seq: int) -> Stored | None:
        return await self._message({"seq": seq})

    async def last(self, writer: str) -> Stored | None:
        return await self._message({"last_by_subj": self.subjects_of(writer)})

    async def first(self, kind: str) -> Stored | None:
        return await self._message({"seq": 1, "next_by_subj": f"log.{self.tenant}.*.{kind}"})

    async def _message(self, which: dict[str, Any]) -> Stored | None:
        try:
            found = (await self.bus.api(f"STREAM.MSG.GET.{self.stream}", which))["message"]
        except ApiError as error:
            if error.code == NO_MESSAGE:
                return None
            raise
        return Stored(found["seq"], found["subject"], base64.b64decode(found.get("data", "")))

    async def append(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        """Appends the rows in chunks of at most 500 messages or 4 MB, one chunk after another; each chunk is stored whole
        or not at all.
        """
        chunk: list[Outgoing] = []
        size = 0
        for row in rows:
            if chunk and (len(chunk) == CHUNK_MESSAGES or size + len(row.data) > CHUNK_BYTES):
                last, chunk, size = await self._chunk(writer, chunk, last), [], 0
            chunk.append(row)
            size += len(row.data)
        return await self._chunk(writer, chunk, last) if chunk else last

    async def _chunk(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        fence = (
            f"Nats-Expected-Last-Subject-Sequence: {last}\r\n"
            f"Nats-Expected-Last-Subject-Sequence-Subject: {self.subjects_of(writer)}\r\n"
        )
        return await self._send_batch(writer, rows, fence)

    async def append_unfenced(self, rows: Sequence[Outgoing]) -> int:
        """Appends the rows, of any writers, in one batch; returns the sequence of the last one. It is for a restore, when
        nobody else writes into the stream.
        """
        return await self._send_batch("restore", rows, "")

    async def _send_batch(self, writer: str, rows: Sequence[Outgoing], fence: str) -> int:
        batch = f"Nats-Batch-Id: {uuid.uuid4().hex}\r\n" if len(rows) > 1 else ""
        inbox = self.bus.nc.new_inbox()
        answers = await self.bus.nc.subscribe(inbox, max_msgs=1)
        frames = [
            self._frame(row, at, len(rows), fence if at == 0 else "", batch, inbox)
            for at, row in enumerate(rows)
        ]
        half = len(frames) // 2
        try:
            # The flush needs the time limit, too: it waits for ever if the client has closed meanwhile.
            async with asyncio.timeout(PATIENCE):
                await self._send(frames[:half])
                self.points.hit("mid_publish")
                await self._send(frames[half:])
                answer = await answers.next_msg(timeout=None)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Again(f"append: {self.bus.denied or repr(error)}") from error
        return self._accepted(writer, answer.data)

    def _frame(self, row: Outgoing, at: int, of: int, fence: str, batch: str, inbox: str) -> bytes:
        final = at == of - 1
        sequence = f"Nats-Batch-Sequence: {at + 1}\r\n" if batch else ""
        commit = "Nats-Batch-Commit: 1\r\n" if batch and final else ""
        header = f"NATS/1.0\r\n{fence}{batch}{sequence}{commit}\r\n".encode() if fence or batch else b""
        reply = f" {inbox}" if final else ""
        if not header:
            return f"PUB {row.subject}{reply} {len(row.data)}\r\n".encode() + row.data + b"\r\n"
        whole = len(header) + len(row.data)
        return f"HPUB {row.subject}{reply} {len(header)} {whole}\r\n".encode() + header + row.data + b"\r\n"

    async def _send(self, frames: list[bytes]) -> None:
        if self.bus.nc.is_closed or not self.bus.nc.is_connected:
            raise Away("append: disconnected")
        await self.bus.nc.write(frames)
        # Raised only now, after the frames are sent: the flush may have swallowed a cancellation.
        raise_if_cancelled()

    def _accepted(self, writer: str, data: bytes) -> int:
        if not data:
            raise Again("append: no stream takes this subject")
        answer: dict[str, Any] = json.loads(data)
        error = answer.get("error")
        if error is None:
            return int(answer["seq"])
        if error.get("err_code") in FENCED_CODES:
            raise Fenced(f"{writer} has lost its place in {self.stream}: {error.get('description')}")
        raise ApiError(error.get("err_code", 0), error.get("description", ""))
