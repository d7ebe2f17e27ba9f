"""Replay: feeds a recording to each fold and compares its answers with the recorded ones, byte by byte.

Folds are replayed independently: each reads the inputs and the other folds' recorded messages, in recorded order. Its own
answers are compared and not fed back. Of the differences the first one is reported, with its chain of causes and its
handler.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.contracts.message import canonical, type_in
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Stored, body_of, id_of
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed, read_one
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.create_tables import emptied
from microgov.services.chassis.store.quarantine_tables import folding_tables

BATCH = 1000


@dataclass(frozen=True)
class ReplayedAnswer:
    """An answer of a fold during the replay, and the message that it answers."""

    draft: Draft
    cause: Stored


@dataclass(frozen=True)
class Difference:
    """The first place where a fold's answer differs from the recorded one. `seq`: sequence of the recorded answer, or of its
    cause if the answer was not recorded. `chain`: the causes, from the input on, one line each.
    """

    service: str
    seq: int
    what: str
    handler: str
    chain: tuple[str, ...]

    def __str__(self) -> str:
        chain = "\n".join(f"    {line}" for line in self.chain)
        return f"{self.service} at {self.seq}: {self.what}\n  handler: {self.handler}\n  because of:\n{chain}"


class Interrupted(Exception):
    """Ctrl-C, or a handler that raises KeyboardInterrupt: the replay ends at this message."""

    def __init__(self, stored: Stored) -> None:
        super().__init__(f"interrupted at {stored.seq} {stored.subject}")
        self.stored = stored


def prepare(engine: Engine, service: Service) -> None:
    """Makes the service's tables in this database, empty."""
    with engine.begin() as c:
        emptied(c, service.base.metadata)


def forced(recording: Recording, writer: str) -> dict[str, str]:
    """The quarantines in the recording: id of the cause → code."""
    found = (m for m in recording.by(writer) if m.subject.endswith(".log.message_quarantined.v1"))
    return {body["causationid"]: body["data"]["code"] for body in map(body_of, found)}


def feed(
    service: Service,
    recording: Recording,
    engine: Engine,
    progress: Callable[[int], None] = lambda _: None,
    batch: int = BATCH,
) -> Iterator[ReplayedAnswer]:
    """Folds the whole recording into the prepared database; yields the fold's answers. Raises Interrupted."""
    folding = Fold(service, recording.tenant, forced(recording, service.name))
    wanted = frozenset(folding.types)
    subjects = {subject for subject in {m.subject for m in recording.messages} if type_in(subject) in wanted}
    mine = [m for m in recording.messages if m.subject in subjects]
    with engine.begin() as c:
        folding.open(c)
    for at in range(0, len(mine), batch):
        rest = [read_one(stored) for stored in mine[at : at + batch]]
        while rest:
            said, count = _fold(folding, engine, rest)
            yield from said
            progress(count)
            rest = rest[count:]


def _fold(folding: Fold, engine: Engine, batch: Sequence[Parsed]) -> tuple[list[ReplayedAnswer], int]:
    causes = {one.m.id: one.stored for one in batch}
    try:
        with engine.begin() as c:
            drafts, count = folding.fold(c, batch)
    except HandlerFailed as failed:
        if isinstance(failed.error, KeyboardInterrupt):
            raise Interrupted(failed.parsed.stored) from failed.error
        folding.condemned[failed.parsed.stored.seq] = "handler_failed"
        return [], 0
    folding.condemned.clear()
    last = batch[count - 1].stored
    return [ReplayedAnswer(draft, causes.get(_cause(draft), last)) for draft in drafts], count


def _cause(draft: Draft) -> str:
    start = draft.data.index(b'"causationid":"') + len(b'"causationid":"')
    return draft.data[start : start + 36].decode()


def check(
    service: Service, recording: Recording, engine: Engine, progress: Callable[[int], None] = lambda _: None
) -> Difference | None:
    """Feeds the recording to the fold and compares: its n-th answer must equal its n-th recorded message, byte by byte.
    Returns the first difference, or None.
    """
    recorded = iter(recording.by(service.name))
    first: Difference | None = None
    try:
        for n, said in enumerate(feed(service, recording, engine, progress), 1):
            wanted = next(recorded, None)
            first = first or _one_differs(service, recording, n, said, wanted)
    except Interrupted as end:
        what = "is interrupted (KeyboardInterrupt)"
        return first or _difference(service, recording, end.stored, what, end.stored.seq)
    left = next(recorded, None)
    if first is None and left is not None:
        said_because = body_of(left)["causationid"]
        cause = next((m for m in recording.messages if id_of(m) == said_because), left)
        first = _difference(
            service, recording, cause, f"does not say {left.subject}, which was recorded", left.seq
        )
    return first


def _one_differs(
    service: Service, recording: Recording, n: int, said: ReplayedAnswer, wanted: Stored | None
) -> Difference | None:
    row = said.draft.numbered(n)
    if wanted is None:
        what = f"says {row.subject}, which was not recorded"
        return None if recording.open else _difference(service, recording, said.cause, what, said.cause.seq)
    if wanted.data == row.data:
        return None
    return _difference(service, recording, said.cause, _compared(wanted.data, row.data), wanted.seq)


def _compared(wanted: bytes, said: bytes) -> str:
    before, now = orjson.loads(wanted), orjson.loads(said)
    fields = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
    compared = [k for k in fields if k != "id"] or fields
    shown = [f"{k}: recorded {_short(before.get(k))}, said {_short(now.get(k))}" for k in compared]
    return f"says {now['type']} otherwise – " + "; ".join(shown)


def _short(value: Any) -> str:
    return orjson.dumps(value).decode()[:300]


def _difference(service: Service, recording: Recording, cause: Stored, what: str, seq: int) -> Difference:
    bodies = {id_of(m): (m.seq, body_of(m)) for m in recording.messages}
    chain: list[str] = []
    at: str | None = id_of(cause)
    while at is not None and at in bodies:
        where, body = bodies[at]
        chain.insert(
            0, " ".join([str(where), *(str(body.get(name, "?")) for name in ("writer", "type", "subject"))])
        )
        at = body.get("causationid")
    return Difference(service.name, seq, what, _handler(service, type_in(cause.subject)), tuple(chain))


def _handler(service: Service, kind: str) -> str:
    found = next((h for m, h in service.handlers.items() if kind == m.TYPE), None)
    if found is None:
        return f"of {kind}"
    return f"{found.__module__}.{found.__qualname__}"


def digest(c: Connection, service: Service) -> str:
    """The sha256 over all folded tables that have rows: each table's name, columns and rows (as stored, ordered by primary
    key) as canonical JSON.
    """
    folding_tables(service.base.metadata)  # adds them if nothing was folded in this process
    total = hashlib.sha256()
    for name, table in sorted(service.base.metadata.tables.items()):
        columns = sorted(table.columns, key=lambda column: column.name)
        keys = list(table.primary_key.columns)
        plain = [sa.type_coerce(column, _stored_type(column)).label(column.name) for column in columns]
        heading = canonical([name, [column.name for column in columns]])
        for row in c.execute(sa.select(*plain).order_by(*keys)):
            total.update(heading)
            # The heading is part of the digest only if there are rows: an added, empty table changes no older digest.
            heading = b""
            total.update(orjson.dumps([int(v) if isinstance(v, bool) else v for v in row]))
    return total.hexdigest()


def _stored_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    kind = column.type
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
