"""The four folds of a tenant in memory: each gets the events of the others, and deadlines are reported when due."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from microgov.contracts.log import DeadlineReached
from microgov.contracts.subjects import log_subject
from microgov.folds import FOLDS
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.messages.stamp import Input, reported_id, stamp_input, system_sender
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.fold_session.session import FoldSession
from microgov.services.gateway.model import Kept as DoorKept
from microgov.services.issues.model import Kept as IssuesKept
from microgov.services.notify.model import Kept as NotifyKept

MOST_DEADLINES = 60
"""How many deadlines are reported at once: some entities set the next deadline whenever one is reached, for ever."""


class DeploymentState(NamedTuple):
    """A state of the deployment: the length of the log, and a copy of each database."""

    read: int
    databases: dict[str, sqlite3.Connection]


class MemoryDeployment:
    """`log` holds all messages. A handler that fails raises HandlerFailed: nothing is quarantined here."""

    def __init__(self, tenant: str) -> None:
        self.tenant, self.log = tenant, list[Stored]()
        self.engines = {one.name: _empty(one) for one in FOLDS}
        self._reset_folds(0)

    def _reset_folds(self, read: int) -> None:
        self.folds = {one.name: Fold(one, self.tenant) for one in FOLDS}
        self.wanted = {name: frozenset(fold.types) for name, fold in self.folds.items()}
        self.read, self.reported = dict.fromkeys(self.folds, read), set[str]()

    def snapshot(self) -> DeploymentState:
        """The present state, for `restore`; all messages must be folded."""
        return DeploymentState(
            len(self.log), {name: _copied(_driver(engine)) for name, engine in self.engines.items()}
        )

    def restore(self, kept: DeploymentState) -> None:
        """Returns to an earlier state. The engines stay, because they cache compiled statements."""
        del self.log[kept.read :]
        for name, engine in self.engines.items():
            kept.databases[name].backup(_driver(engine))
        self._reset_folds(kept.read)

    def close(self) -> None:
        """Closes the databases."""
        for engine in self.engines.values():
            engine.dispose()

    def hear(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Appends an input and folds it with everything that follows; returns the events."""
        begin = len(self.log)
        self.log.append(
            Stored(begin + 1, log_subject(self.tenant, body["writer"], body["type"]), orjson.dumps(body))
        )
        while any([self._fold(name) for name in self.folds]):
            pass
        return [orjson.loads(stored.data) for stored in self.log[begin + 1 :]]

    def _fold(self, name: str) -> bool:
        new, self.read[name] = self.log[self.read[name] :], len(self.log)
        batch = [read_one(one) for one in new if one.subject.split(".", 3)[3] in self.wanted[name]]
        while batch:
            with self.engines[name].begin() as c:
                drafts, count = self.folds[name].fold(c, batch)
            for draft in drafts:
                self.log.append(Stored(len(self.log) + 1, draft.subject, draft.data))
            batch = batch[count:]
        return bool(new)

    def report_due(self, until: datetime, most: int = MOST_DEADLINES) -> int:
        """Reports the deadlines that are due by `until`, each at its own time, at most `most`. Returns their number."""
        for count in range(most):
            due = min(self._due(until), default=None)
            if due is None:
                return count
            due_at, service, kind, entity = due
            fact = DeadlineReached(service=service, kind=kind, entity=entity, due_at=due_at)
            id = reported_id(self.tenant, service, kind, entity, due_at.isoformat())
            self.reported.add(id)
            given = Input(fact, entity, id, due_at, system_sender(f"{service}-edge"))
            self.hear(orjson.loads(stamp_input(self.tenant, f"{service}-edge", given).data))
        return most

    def _due(self, until: datetime) -> Iterator[tuple[datetime, str, str, str]]:
        for name, fold in self.folds.items():
            if fold.deadline is None:
                continue
            table = fold.deadline.__table__
            rows = sa.select(table.c.due_at, table.c.kind, table.c.entity).where(table.c.due_at <= until)
            with self.engines[name].connect() as c:
                for row in c.execute(rows.order_by(table.c.due_at).limit(5)):
                    yield row.due_at, name, row.kind, row.entity

    @contextmanager
    def session(self, name: str) -> Iterator[FoldSession]:
        """The session from which questions are answered."""
        with self.engines[name].connect() as c, FoldSession(c) as s:
            yield s


def _driver(engine: Engine) -> sqlite3.Connection:
    """The only connection of an engine in memory."""
    with closing(engine.raw_connection()) as c:
        found: Any = c.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _copied(source: sqlite3.Connection) -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    source.backup(made)
    return made


def _empty(service: Service) -> Engine:
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    prepare(made, service)
    for kept in (DoorKept, IssuesKept, NotifyKept):
        kept.metadata.create_all(made)
    return made


def time_of(body: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(body["recordedtime"])


def later(bodies: Sequence[dict[str, Any]], by: timedelta) -> list[dict[str, Any]]:
    """The same inputs, with all times later by `by`."""
    return [
        {**body, "recordedtime": (time_of(body) + by).isoformat().replace("+00:00", "Z")} for body in bodies
    ]
