"""Client of an operator: reads the log, follows what a message led to, asks services.

Without credentials (a plain broker in tests) it connects without any. A cut connection is opened again.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import nats.errors

from microgov.client.connection import Declined, Silent
from microgov.client.reconnecting import PATIENCE, ReconnectingClient
from microgov.contracts.directory import RulesChanged
from microgov.contracts.fields import Words
from microgov.contracts.log import AskHealth, AskProgress, Health, Progress
from microgov.contracts.message import Envelope, Message, Question, canonical, parse, plain
from microgov.contracts.receipt import Receipt
from microgov.contracts.rules import CalendarRules
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.errors import Again
from microgov.services.chassis.installed import fold_names
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.gateway.accounts.permissions import OPERATOR

CAUSE_ID = re.compile(rb'"causationid":"([0-9a-f-]{36})"')
"""Finds the id of the cause in the canonical bytes of a message. In a text of people the quotes would be escaped."""

AT_LEISURE, LOOK_AGAIN = 86_400.0, 5.0
"""For a question over which a service may be long: seconds until it is given up, and between two looks at the service."""


class OperatorClient(ReconnectingClient):
    """Client for one tenant: `async with OperatorClient(settings, tenant) as client`. Raises NoTenant."""

    # --- reading ---

    async def log(self, after: int = 0) -> AsyncIterator[tuple[Stored, Envelope[Message] | None]]:
        """Yields every message after a sequence, without end; with None if this version cannot parse it."""
        async for stored in self.raw_log(after):
            yield stored, parse_stored(stored)

    async def raw_log(self, after: int = 0) -> AsyncIterator[Stored]:
        """Yields stored messages without parsing them; continues after a cut connection."""
        while True:
            try:
                reader = await JetStreamLog(self.bus, self.tenant).read(after, None)
                while True:
                    for stored in await reader.batch(1000, 1.0):
                        after = stored.seq
                        yield stored
            except Again:
                await self._patiently(self.end)

    async def rules(self) -> dict[str, dict[str, Any]]:
        """The sections of the rules in force, by name."""
        return await self._patiently(self._rules)

    async def _rules(self) -> dict[str, dict[str, Any]]:
        reader = await JetStreamLog(self.bus, self.tenant).read(0, [RulesChanged.TYPE])
        found: dict[str, dict[str, Any]] = {}
        try:
            while reader.queue or reader.pending:
                for stored in await reader.batch(500, 2.0):
                    m = parse_stored(stored)
                    if m is not None and isinstance(m.data, RulesChanged):
                        found[m.data.section] = plain(m.data.content)
            return found
        finally:
            await reader.close()

    async def offset(self) -> timedelta:
        """The tenant's local time minus UTC, from its section `calendar`."""
        return offset_in(await self.rules())

    async def reaction(self, receipt: Receipt, seconds: float = PATIENCE) -> Envelope[Message] | None:
        """The first message caused by an accepted one: an event or a refusal. None if there is none after `seconds`."""
        return (await self.reactions([receipt], seconds)).get(receipt.id or "")

    async def reactions(
        self, receipts: Sequence[Receipt], seconds: float = PATIENCE
    ) -> dict[str, Envelope[Message]]:
        """The first message that each accepted one has caused within `seconds`, by the id of the accepted message."""
        with self.waiting.during("正在等待服务处理……", "Waiting for the services to deal with it …"):
            return await self._patiently(lambda: self._reactions(receipts, seconds))

    async def _reactions(self, receipts: Sequence[Receipt], seconds: float) -> dict[str, Envelope[Message]]:
        wanted = {receipt.id for receipt in receipts}
        found: dict[str, Envelope[Message]] = {}
        if not wanted:
            return found
        first = min(receipt.log_seq or 0 for receipt in receipts)
        reader = await JetStreamLog(self.bus, self.tenant).read(first, None)
        until = time.monotonic() + seconds
        try:
            while len(found) < len(wanted) and (left := until - time.monotonic()) > 0:
                for stored in await reader.batch(500, left):
                    cause = CAUSE_ID.search(stored.data)
                    id = cause[1].decode() if cause else ""
                    if id in wanted and id not in found and (m := parse_stored(stored)) is not None:
                        found[id] = m
            return found
        finally:
            await reader.close()

    # --- asking ---

    async def ask(self, service: str, question: Question, seconds: float = 5.0) -> dict[str, Any]:
        """The answer of a service. Raises Declined if it answers with an error, Silent if it does not answer in time."""
        until = time.monotonic() + seconds
        with self.waiting.during(f"正在等待服务 {service} 回答……", f"Waiting for the answer of {service} …"):
            while True:
                try:
                    return await self._patiently(lambda: self._ask(service, question, seconds))
                except Silent:
                    if time.monotonic() > until:
                        raise
                await asyncio.sleep(0.2)  # the service may be starting

    async def ask_at_leisure(self, service: str, question: Question) -> dict[str, Any]:
        """The answer to a question over which a service may be minutes, such as one about all of its rows. Waits as long as
        the service says that it runs. Raises as `ask`.
        """
        asking = asyncio.create_task(self.ask(service, question, AT_LEISURE))
        try:
            while not (await asyncio.wait({asking}, timeout=LOOK_AGAIN))[0]:
                if await self._patiently(lambda: self.health(service, LOOK_AGAIN)) is None:
                    raise self._silent(service)
            return await asking
        finally:
            await cancel_and_wait(asking)

    def _silent(self, service: str) -> Silent:
        return Silent(
            f"服务 {service}（租户 {self.tenant}）没有回答。请查看 `microgov status`。",
            f"The service {service} does not answer for tenant {self.tenant}. See `microgov status`.",
        )

    async def _ask(self, service: str, question: Question, seconds: float) -> dict[str, Any]:
        subject = f"ask.{OPERATOR}.{self.tenant}.{service}.{question.NAME}"
        try:
            reply = await self.bus.nc.request(subject, canonical(plain(question)), timeout=seconds)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            if not self.bus.nc.is_connected:
                raise Again(repr(error)) from error
            raise self._silent(service) from error
        body: dict[str, Any] = json.loads(reply.data)
        if "error" in body:
            raise Declined(body["error"]["code"], Words.model_validate(body["error"]["message"]))
        return dict(body["answer"])

    async def progress(self, service: str, after: int = 0, seconds: float = 3.0) -> Progress | None:
        """How far a service has folded the log; None if it does not answer. Raises Again after a cut connection."""
        try:
            return Progress.model_validate_json(
                json.dumps(await self._ask(service, AskProgress(after=after), seconds))
            )
        except (Silent, Declined):
            return None

    async def health(self, service: str, seconds: float = 1.5) -> Health | None:
        """The health of a service; None if it does not answer."""
        try:
            return Health.model_validate_json(json.dumps(await self._ask(service, AskHealth(), seconds)))
        except Silent:
            return None

    async def healths(self, seconds: float = 1.5) -> dict[str, Health | None]:
        """The health of all services, which are asked at the same time, by service."""
        return await self._patiently(lambda: self._healths(seconds))

    async def _healths(self, seconds: float) -> dict[str, Health | None]:
        found = await asyncio.gather(*(self.health(service, seconds) for service in fold_names()))
        return dict(zip(fold_names(), found, strict=True))

    async def progresses(self, after: int = 0, seconds: float = 3.0) -> dict[str, Progress | None]:
        """The progress of all services, which are asked at the same time, by service."""
        return await self._patiently(lambda: self._progresses(after, seconds))

    async def _progresses(self, after: int, seconds: float) -> dict[str, Progress | None]:
        found = await asyncio.gather(*(self.progress(service, after, seconds) for service in fold_names()))
        return dict(zip(fold_names(), found, strict=True))

    async def settle(self, seconds: float = 60.0) -> int:
        """Waits until all services have folded everything and the log does not grow. Returns its end. Raises Silent."""
        until, same, end = time.monotonic() + seconds, 0, -1
        with self.waiting.during("正在等待各服务处理完……", "Waiting until every service has come to rest …"):
            while time.monotonic() < until:
                now = await self._patiently(self.end)
                quiet = all(at_rest(p) for p in (await self.progresses()).values())
                same = same + 1 if quiet and now == end else 0
                end = now
                if same >= 3:
                    return end
                await asyncio.sleep(0.02)
        raise Silent(
            "服务在规定时间内没有处理完。请查看 `microgov status`。",
            "The services have not come to rest in time. See `microgov status`.",
        )


def offset_in(rules: dict[str, dict[str, Any]]) -> timedelta:
    """Local time minus UTC, by these sections of the rules."""
    calendar = rules.get("calendar", {"years": []})
    return timedelta(minutes=CalendarRules.model_validate(calendar).utc_offset_minutes)


def at_rest(progress: Progress | None) -> bool:
    """Whether the service has folded everything, its messages are in the log, and nothing is due by its clock."""
    if progress is None or progress.lag or progress.outgoing:
        return False
    return progress.next_due is None or progress.now is None or progress.next_due > progress.now


def parse_stored(stored: Stored) -> Envelope[Message] | None:
    """The parsed message, or None if this version does not know it."""
    try:
        return parse(stored.subject, stored.data)
    except (KeyError, ValueError):
        return None
