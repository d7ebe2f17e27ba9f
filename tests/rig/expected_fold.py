"""A fold of the log by the unchanged code, in memory: the events and rows that the live service must have."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.contracts.message import type_in
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Outgoing, Stored
from microgov.services.chassis.messages.parsed import Parsed, read_one
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine as make_engine

BATCH = 500
Rows = dict[str, list[tuple[Any, ...]]]


class ExpectedFold:
    """Folds the log as it grows; `said` holds the events of the fold, in order."""

    def __init__(self, service: Service, tenant: str, url: str = "sqlite://") -> None:
        self.service = service
        self.engine: Engine = make_engine(url)
        prepare(self.engine, service)
        self.folding = Fold(service, tenant)
        self.wanted = frozenset(self.folding.types)
        self.said: list[Outgoing] = []

    def fold(self, messages: Sequence[Stored]) -> None:
        """Folds further messages. Raises HandlerFailed if the unchanged code cannot fold the log."""
        self.folding.forced |= quarantined(messages, self.service.name)
        mine = [stored for stored in messages if type_in(stored.subject) in self.wanted]
        for at in range(0, len(mine), BATCH):
            rest = [read_one(stored) for stored in mine[at : at + BATCH]]
            while rest:
                rest = rest[self._transaction(rest) :]

    def _transaction(self, batch: Sequence[Parsed]) -> int:
        with self.engine.begin() as c:
            self.folding.open(c)
            drafts, count = self.folding.fold(c, batch)
        self.said += [draft.numbered(len(self.said) + n) for n, draft in enumerate(drafts, 1)]
        return count

    def rows(self) -> Rows:
        """The rows of all folded tables."""
        with self.engine.connect() as c:
            return rows_of(c, self.service)

    def close(self) -> None:
        """Frees the memory."""
        self.engine.dispose()


def quarantined(messages: Iterable[Stored], writer: str) -> dict[str, str]:
    """The messages that a fold has quarantined, from its events: error code by id of the message."""
    found = (
        m
        for m in messages
        if type_in(m.subject) == "log.message_quarantined.v1" and f".{writer}." in m.subject
    )
    return {body["causationid"]: body["data"]["code"] for body in (orjson.loads(m.data) for m in found)}


def rows_of(c: Connection, service: Service) -> Rows:
    """The folded tables of a service, each in the order of its primary key, with the same values on every database."""
    tables = sorted(service.base.metadata.tables.items())
    found = {name: c.execute(sa.select(table).order_by(*table.primary_key.columns)) for name, table in tables}
    return {name: [tuple(row) for row in rows] for name, rows in found.items()}


def first_difference(live: Rows, fresh: Rows) -> str | None:
    """The first difference between the tables of two folds, in words; None if they are equal."""
    for name, wanted in fresh.items():
        found = live[name]
        if found == wanted:
            continue
        missing = [row for row in wanted if row not in found][:1]
        surplus = [row for row in found if row not in wanted][:1]
        return f"table {name}: {len(found)} rows, {len(wanted)} expected; there is {surplus}, there should be {missing}"
    return None
