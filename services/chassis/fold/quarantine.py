"""Answers the operator's question about quarantined messages, from the folded rows and the stored errors and traces."""

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from microgov.contracts.fields import PARAGRAPHS
from microgov.contracts.log import DeadlineReached, Quarantine, QuarantinedMessage
from microgov.contracts.message import type_in
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.loop import LOG_READER, FoldLoop
from microgov.services.chassis.log import Stored, body_of
from microgov.services.chassis.store import crash_attempts
from microgov.services.chassis.store.engine import reading

PAGE = 100
UNPRINTABLE = re.compile("[" + PARAGRAPHS.removeprefix("^[^").removesuffix("]*$") + "]")


def quarantined(engine: Engine, fold: FoldLoop, seq: int | None, after: int = 0) -> Quarantine:
    """A service's quarantined messages after the sequence `after` (100 at most), or the one at `seq` with its trace."""
    folding = fold.folding
    table = folding.quarantined
    query = sa.select(table).where(table.c.seq > after).order_by(table.c.seq).limit(PAGE)
    with reading(engine) as c:
        trouble = crash_attempts.trouble(c, LOG_READER)
        count = c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        rows = c.execute(query if seq is None else query.where(table.c.seq == seq)).all()
        found = [_shown(c, folding, row, trouble.get(row.seq, {}), seq is not None) for row in rows]
    return Quarantine(
        service=folding.service.name, messages=found, count=count, stopped=sorted(fold.breaker.stopped)
    )


def _shown(
    c: Connection, folding: Fold, row: "Row[tuple[object, ...]]", trouble: dict[str, str], whole: bool
) -> QuarantinedMessage:
    held = folding.held
    behind = c.execute(
        sa.select(sa.func.count()).select_from(held).where(held.c.subject == row.subject)
    ).scalar_one()
    return QuarantinedMessage(
        stream_seq=row.seq,
        subject=row.subject,
        type=type_in(row.log_subject),
        code=row.code,
        waiting=behind,
        error=clean(trouble.get("error", row.code))[:1000],
        trace=clean(trouble.get("trace", "")) if whole else None,
    )


def next_due(c: Connection, folding: Fold) -> datetime | None:
    """When the earliest deadline is due. Deadlines whose DeadlineReached is quarantined, or held behind a quarantined
    message, do not count: a simulated clock would never get past them.
    """
    if folding.deadline is None:
        return None
    deadline, waiting = folding.deadline.__table__, set[tuple[str, str]]()
    for table in (folding.quarantined, folding.held):
        said = sa.select(table.c.seq, table.c.log_subject, table.c.data).where(
            table.c.log_subject.endswith(f".{DeadlineReached.TYPE}", autoescape=True)
        )
        for row in c.execute(said):
            data = body_of(Stored(row.seq, row.log_subject, row.data.encode())).get("data")
            if isinstance(data, dict):
                waiting.add((str(data.get("kind")), str(data.get("entity"))))
    earliest = sa.select(deadline).order_by(deadline.c.due_at).limit(len(waiting) + 1)
    due: list[datetime] = [row.due_at for row in c.execute(earliest) if (row.kind, row.entity) not in waiting]
    return min(due, default=None)


def clean(text: str) -> str:
    """The text with characters that no message may hold replaced by "?", cut to 20,000 characters."""
    return UNPRINTABLE.sub("?", text)[:20_000]
