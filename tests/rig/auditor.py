"""Waits until a rig is idle and checks its whole ledger; each audit reads only what is new since the last one."""

from typing import Any

import sqlalchemy as sa

from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import HandlerFailed
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.store.quarantine_tables import folding_tables
from tests.rig import ledger
from tests.rig.expected_fold import ExpectedFold
from tests.rig.idle import PATIENCE, IdleWatch, home_of
from tests.rig.ledger import Body, Findings
from tests.rig.publisher import PUBLISHER
from tests.rig.rig import Rig
from tests.rig.streams import read_all


class Auditor:
    """`log` holds the messages of the tenant's log so far, `times` by sequence when each was stored (seconds since 1970)."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.tenant, self.url = rig, rig.tenant, rig.nats.url
        self.services: list[Service] = [service for service in FOLDS if home_of(service) in rig.services]
        self.expected = {service.name: ExpectedFold(service, rig.tenant) for service in self.services}
        self.log: list[Stored] = []
        self.times: dict[int, float] = {}
        self.receipts: list[Body] = []

    async def audit(self, patience: float = PATIENCE) -> Findings:
        """Waits until the rig is idle, at most `patience` seconds, and returns all differences."""
        found = Findings()
        in_flight = await self.wait_until_idle(patience)
        if in_flight:
            found.stuck.append(in_flight)
        await self._read()
        self._fold(found)
        self._check(found)
        return found

    async def wait_until_idle(self, patience: float = PATIENCE) -> str:
        """Waits until the rig is idle; returns an empty text, or what is still in flight."""
        return await IdleWatch(self.url, self.tenant, self.services, self.rig.engines).wait(patience)

    async def _read(self) -> None:
        new = await read_all(self.url, f"LOG-{self.tenant}", self.log[-1].seq if self.log else 0)
        self.log += [one.stored for one in new]
        self.times |= {one.stored.seq: one.at for one in new}
        mine = [f"receipt.{PUBLISHER}.{self.tenant}"]
        last = int(self.receipts[-1]["stream_seq"]) if self.receipts else 0
        self.receipts += ledger.bodies(one.stored for one in await read_all(self.url, "RECEIPT", last, mine))
        self.new = [one.stored for one in new]

    def _fold(self, found: Findings) -> None:
        for name, fresh in self.expected.items():
            try:
                fresh.fold(self.new)
            except HandlerFailed as failed:
                found.stuck.append(f"{name} cannot fold the log again: {failed}")

    def _check(self, found: Findings) -> None:
        log = ledger.bodies(self.log)
        ledger.check_numbers(log, found)
        ledger.check_walk(self.log, found)
        waiting: set[int] = set()
        for service in self.services:
            fresh, engine = self.expected[service.name], self.rig.engines[home_of(service)]
            held = folding_tables(service.base.metadata)[1]
            with reading(engine) as c:
                waiting |= set(c.execute(sa.select(held.c.seq)).scalars())
                ledger.check_said(service, log, fresh, found)
                ledger.check_tables(service, c, fresh, found)
        for engine in self.rig.engines.values():
            with reading(engine) as c:
                ledger.check_outboxes(c, log, found)
        ledger.check_effects(self.services, log, waiting, found)
        ledger.check_entities(log, found)
        self._check_gateway(log, found)

    def _check_gateway(self, log: list[Body], found: Findings) -> None:
        ledger.check_receipts(self.tenant, PUBLISHER, self.rig.loader.sent, log, self.receipts, found)
        ledger.check_receipt_numbers(self.receipts, found)
        ledger.check_refusals(self.tenant, PUBLISHER, log, self.receipts, found)

    def delays(self, after: int) -> dict[str, float]:
        """For each command behind a sequence, by id: the seconds until the first event that it caused."""
        asked = {body["id"]: body for body in self.since(after) if body["writer"] == "gateway"}
        first: dict[str, float] = {}
        for body in self.since(after):
            cause: Any = body.get("causationid")
            if cause in asked and body["writer"] != "gateway":
                first.setdefault(
                    cause, self.times[body["stream_seq"]] - self.times[asked[cause]["stream_seq"]]
                )
        return first

    def since(self, after: int) -> list[Body]:
        """The messages behind a sequence, as far as they have been read by an audit."""
        return ledger.bodies(stored for stored in self.log if stored.seq > after)

    @property
    def end(self) -> int:
        """The last sequence that has been read."""
        return self.log[-1].seq if self.log else 0
