"""Runs a fold without a broker: each batch is folded in one transaction, as in the live loop."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.message import Message
from microgov.services.chassis import Service
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import HandlerFailed, read_one
from microgov.services.chassis.messages.stamp import Input, Sender, stamp_input
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store.engine import engine

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Feeder:
    """`send` appends to `log`; `fold` folds what is new and returns its events."""

    def __init__(
        self,
        service: Service,
        url: str = "sqlite://",
        batch: int = 1000,
        forced: dict[str, str] | None = None,
    ) -> None:
        self.service, self.batch = service, batch
        self.engine: Engine = engine(url)
        prepare(self.engine, service)
        self.folding = Fold(service, "t", forced)
        self.log: list[Stored] = []
        self.position = 0
        self.now = START
        self.failed: list[HandlerFailed] = []

    def send(
        self,
        message: Message,
        subject: str,
        by: str = "p-1",
        role: Role = Role.RESIDENT,
        at: datetime | None = None,
    ) -> int:
        """Appends a command to the log; returns its sequence."""
        self.now = at or self.now + timedelta(seconds=1)
        seq = len(self.log) + 1
        given = Input(
            message, subject, outside_id("t", "x", str(seq)), self.now, Sender(by, "app_user", role)
        )
        draft = stamp_input("t", "gateway", given)
        self.log.append(Stored(seq, draft.subject, draft.numbered(seq).data))
        return seq

    def fold(self) -> list[dict[str, Any]]:
        """Folds all new messages and returns the events. A message whose handler fails is quarantined."""
        said: list[dict[str, Any]] = []
        while self.position < len(self.log):
            batch = [read_one(m) for m in self.log[self.position : self.position + self.batch]]
            try:
                with self.engine.begin() as c:
                    drafts, count = self.folding.fold(c, batch)
            except HandlerFailed as failed:
                self.failed.append(failed)
                self.folding.condemned[failed.parsed.stored.seq] = "handler_failed"
                continue
            self.folding.condemned.clear()
            self.position += count
            said += [json.loads(draft.data) for draft in drafts]
        return said

    def digest(self) -> str:
        """The digest of the folded tables."""
        with self.engine.connect() as c:
            return digest(c, self.service)
