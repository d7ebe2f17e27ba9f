"""The log on JetStream: a consumer without acknowledgements that notices any hole, and atomic batches fenced by the broker.

The connection never reconnects: a cut one is a doubt, and after any doubt the loop starts again from its position.
"""

import asyncio
import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import nats
import nats.errors
from nats.aio.client import Client

from services.chassis.consumer import JetStreamReader
from services.chassis.errors import Again, Denied, Fenced
from services.chassis.log import Outgoing, Stored
from services.chassis.points import NOWHERE, Points

NO_MESSAGE = 10037
NOT_MINE = {10071, 10164, 10176}
CHUNK_MESSAGES, CHUNK_BYTES = 500, 4_000_000


class ApiError(Again):
    """JetStream answered with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code


@dataclass(frozen=True)
class Address:
    """Where the broker is and who we are there: by a password, or by the seed of an nkey."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seed: str | None = field(default=None, repr=False)


def _identity(address: Address) -> dict[str, str]:
    """What nats-py is given to prove who we are."""
    if address.seed is not None:
        return {"nkeys_seed_str": address.seed}
    return {"user": address.user, "password": address.password or ""} if address.user is not None else {}


class Bus:
    """One connection, for one loop; `denied` is what the broker last refused to let us do."""

    def __init__(self) -> None:
        self.nc = Client()
        self.denied: str | None = None
        self.asking: dict[str, asyncio.Future[None]] = {}

    @classmethod
    async def connect(cls, address: Address, name: str = "microgov") -> Self:
        """Raises Again where the broker is away."""
        bus = cls()
        inbox = f"_INBOX.{address.user}" if address.user else "_INBOX"
        try:
            bus.nc = await nats.connect(
                address.url, **_identity(address), allow_reconnect=False, connect_timeout=2,
                max_reconnect_attempts=1, reconnect_time_wait=0.02,  # else it would look for a server for two minutes
                error_cb=bus._error, ping_interval=2, max_outstanding_pings=2, name=name,
                inbox_prefix=inbox, flusher_queue_size=4096, pending_size=64 << 20,
            )
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Again(f"the broker at {address.url} is away: {error!r}") from error
        return bus

    async def _error(self, error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            self.denied = str(error)
            for subject, refused in self.asking.items():
                if f'"{subject}"' in self.denied.lower() and not refused.done():
                    refused.set_result(None)

    async def ask(self, subject: str, body: bytes = b"", seconds: float = 3.0) -> bytes:
        """A request's answer; Again where none comes, Denied at once where the broker refuses to pass it on."""
        refused = self.asking.setdefault(subject.lower(), asyncio.get_running_loop().create_future())
        request = asyncio.ensure_future(self.nc.request(subject, body, timeout=seconds))
        try:
            either: set[asyncio.Future[Any]] = {request, refused}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                raise Denied(f"{subject}: {self.denied}")
            return request.result().data
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Again(f"{subject}: {self.denied or repr(error)}") from error
        finally:
            request.cancel()
            self.asking.pop(subject.lower(), None)

    async def api(self, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A request to JetStream's API; ApiError where it answers with one."""
        answer: dict[str, Any] = json.loads(await self.ask(f"$JS.API.{what}", json.dumps(body or {}).encode()))
        if "error" in answer:
            raise ApiError(answer["error"].get("err_code", 0), answer["error"].get("description", ""))
        return answer

    async def close(self) -> None:
        """Raises nothing but the caller's own cancellation: what is cut is cut."""
        try:
            await asyncio.wait_for(self.nc.close(), 2)
        except (nats.errors.Error, OSError, TimeoutError):
            return
        except asyncio.CancelledError:  # nats-py lets that of its own tasks out
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise


class JetStreamLog:
    """One stream on one connection; `prefix` begins the subjects of each writer in it."""

    def __init__(self, bus: Bus, tenant: str, stream: str | None = None, points: Points = NOWHERE) -> None:
        self.bus, self.tenant, self.points = bus, tenant, points
        self.stream = stream or f"LOG-{tenant}"

    def subjects_of(self, writer: str) -> str:
        """All that this writer may write."""
        return writer if "." in writer else f"log.{self.tenant}.{writer}.>"

    async def read(self, after: int, types: Sequence[str] | None) -> JetStreamReader:
        filters = [f"log.{self.tenant}.*.{t}" for t in types] if types is not None else None
        return await JetStreamReader.open(self.bus, self.stream, after, filters)

    async def end(self) -> int:
        return int((await self.bus.api(f"STREAM.INFO.{self.stream}"))["state"]["last_seq"])

    async def close(self) -> None:
        await self.bus.close()

    async def get(self, seq: int) -> Stored | None:
        return await self._message({"seq": seq})

    async def last(self, writer: str) -> Stored | None:
        return await self._message({"last_by_subj": self.subjects_of(writer)})

    async def _message(self, which: dict[str, Any]) -> Stored | None:
        try:
            found = (await self.bus.api(f"STREAM.MSG.GET.{self.stream}", which))["message"]
        except ApiError as error:
            if error.code == NO_MESSAGE:
                return None
            raise
        return Stored(found["seq"], found["subject"], base64.b64decode(found.get("data", "")))

    async def append(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        """Chunks of at most 500 messages or 4 MB, each whole or not at all, each after the one before."""
        chunk: list[Outgoing] = []
        size = 0
        for row in rows:
            if chunk and (len(chunk) == CHUNK_MESSAGES or size + len(row.data) > CHUNK_BYTES):
                last, chunk, size = await self._chunk(writer, chunk, last), [], 0
            chunk.append(row)
            size += len(row.data)
        return await self._chunk(writer, chunk, last) if chunk else last

    async def _chunk(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        fence = (f"Nats-Expected-Last-Subject-Sequence: {last}\r\n"
                 f"Nats-Expected-Last-Subject-Sequence-Subject: {self.subjects_of(writer)}\r\n")
        batch = f"Nats-Batch-Id: {uuid.uuid4().hex}\r\n" if len(rows) > 1 else ""
        inbox = self.bus.nc.new_inbox()
        answers = await self.bus.nc.subscribe(inbox, max_msgs=1)
        frames = [self._frame(row, at, len(rows), fence if at == 0 else "", batch, inbox) for at, row in enumerate(rows)]
        half = len(frames) // 2
        try:
            await self._send(frames[:half])
            self.points.reach("mid_publish")
            await self._send(frames[half:])
            answer = await answers.next_msg(timeout=5.0)
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
            raise Again("append: disconnected")
        # One write for many frames: nats-py's publish costs three times as much per message (headers, checks, flush).
        await self.bus.nc._send_command(b"".join(frames))
        await self.bus.nc._flush_pending(force_flush=True)  # on the wire: half a batch can be there and the rest not

    def _accepted(self, writer: str, data: bytes) -> int:
        if not data:
            raise Again("append: no stream takes this subject")
        answer: dict[str, Any] = json.loads(data)
        error = answer.get("error")
        if error is None:
            return int(answer["seq"])
        if error.get("err_code") in NOT_MINE:
            raise Fenced(f"{writer} has lost its place in {self.stream}: {error.get('description')}")
        raise ApiError(error.get("err_code", 0), error.get("description", ""))
