"""Client of the command line that sends messages to the door and waits for receipts and effects.

It has two identities: publisher `cli` sends, user `operator` reads and asks. After a cut connection an unfinished message
is sent again under its own id, which is harmless.
"""

import asyncio
import json
import uuid

import nats.errors

from microgov.client.connection import Silent, connect, no_stream, no_tenant
from microgov.client.operator import OperatorClient
from microgov.client.reconnecting import PATIENCE
from microgov.client.waiting import WaitingMessage
from microgov.contracts.fields import Role
from microgov.contracts.message import Message
from microgov.contracts.receipt import Receipt
from microgov.contracts.subjects import in_subject
from microgov.contracts.validation.incoming import incoming
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.errors import Again
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.permissions import CLI

WAITING_FOR_RECEIPT = ("正在等待门户的回执……", "Waiting for the receipt of the door …")
NO_RECEIPT = (
    "门户没有回执。已发出的内容留在消息服务器中，门户恢复后会处理；再发一次也无妨。请查看 `microgov status`。",
    "The door gives no receipt. What was sent is kept and dealt with as soon as the door is back; sending it once more is "
    "harmless. See `microgov status`.",
)


class Client(OperatorClient):
    """Client for one tenant: `async with Client(settings, tenant) as client`."""

    def __init__(self, settings: Settings, tenant: str, waiting: WaitingMessage | None = None) -> None:
        super().__init__(settings, tenant, waiting)
        self.door: Bus | None = None
        self.open: dict[str, asyncio.Future[Receipt]] = {}
        self.pump: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Closes both connections."""
        if self.pump is not None:
            await cancel_and_wait(self.pump)
            self.pump = None
        if self.door is not None:
            await self.door.close()
            self.door = None
        await super().close()

    async def send(
        self,
        message: Message,
        subject: str | None = None,
        by: str | None = None,
        role: str | None = None,
        on_behalf_of: str | None = None,
        id: str | None = None,
    ) -> Receipt:
        """Sends a message and returns its receipt (accepted or rejected). Raises pydantic.ValidationError for a bad name."""
        id = id or new_id()
        raw = incoming(
            message,
            id=id,
            source=f"/{CLI}",
            subject=subject,
            authid=by,
            role=Role(role) if role else None,
            onbehalfof=on_behalf_of,
        )
        return await self.send_raw(message.TYPE, id, raw)

    async def send_raw(self, kind: str, id: str, raw: bytes) -> Receipt:
        """Sends the bytes of a valid message of this type under this id, and returns its receipt."""
        return await self._patiently(lambda: self._send_raw(kind, id, raw))

    async def _send_raw(self, kind: str, id: str, raw: bytes) -> Receipt:
        return await self.receipt(id, await self.post(kind, id, raw))

    async def receipt(self, id: str, answer: "asyncio.Future[Receipt]") -> Receipt:
        """The receipt of a message posted under this id. Raises Silent without one, Again after a cut connection."""
        try:
            with self.waiting.during(*WAITING_FOR_RECEIPT):
                await asyncio.wait({answer}, timeout=PATIENCE)
            if not answer.done():
                raise Silent(*NO_RECEIPT)
            return answer.result()
        finally:
            self.open.pop(id, None)

    async def post(self, kind: str, id: str, raw: bytes) -> "asyncio.Future[Receipt]":
        """Sends a message and returns a future for its receipt. Raises Again after a cut connection."""
        if self.door is None:
            self.door = await connect(self.settings, CLI, self.waiting)
        await self._listen()
        answer = self.open.setdefault(id, asyncio.get_running_loop().create_future())
        await self._publish(self.door, in_subject(CLI, self.tenant, kind), raw)
        return answer

    async def _publish(self, door: Bus, subject: str, raw: bytes) -> None:
        try:
            answer = json.loads((await door.nc.request(subject, raw, timeout=5)).data)
        except nats.errors.NoRespondersError as error:
            raise no_stream(self.tenant) from error
        except (nats.errors.Error, OSError, TimeoutError) as error:
            if door.denied:
                raise no_tenant(self.settings, self.tenant) from error
            raise Again(repr(error)) from error
        if "error" in answer:
            raise ApiError(answer["error"].get("err_code", 0), answer["error"].get("description", ""))

    async def _listen(self) -> None:
        """Starts reading the receipts of the command line, which resolve the futures in `open`."""
        if self.pump is not None and not self.pump.done():
            return
        end = await JetStreamLog(self.bus, self.tenant, "RECEIPT").end()
        reader = await JetStreamReader.open(self.bus, "RECEIPT", end, [f"receipt.{CLI}.{self.tenant}"])
        self.pump = asyncio.create_task(self._receipts(reader))

    async def _receipts(self, reader: JetStreamReader) -> None:
        try:
            while True:
                for stored in await reader.batch(500, 5.0):
                    receipt = Receipt.model_validate_json(stored.data)
                    answer = self.open.get(receipt.publisherid)
                    if answer is not None and not answer.done() and receipt.status != "refused":
                        answer.set_result(receipt)
        except Again as error:
            for answer in self.open.values():
                if not answer.done():
                    answer.set_exception(Again(str(error)))
                    answer.exception()  # marks the exception as retrieved, also if nobody waits for it


def new_id() -> str:
    """A new message id of the command line."""
    return f"cli-{uuid.uuid4().hex}"
