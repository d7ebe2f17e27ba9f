"""What a fold could not fold, for whoever mends it: the folded rows with the error and trace that were kept."""

import re

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from contracts.fields import PARAGRAPHS
from contracts.log import Quarantine, QuarantinedMessage
from contracts.message import type_in
from services.chassis import books
from services.chassis.database import reading
from services.chassis.fold import READER
from services.chassis.folding import Folding

MOST = 100
BAD = re.compile("[" + PARAGRAPHS.removeprefix("^[^").removesuffix("]*$") + "]")


def quarantined(engine: Engine, folding: Folding, seq: int | None) -> Quarantine:
    """All of a service's quarantined messages, or the one at `seq` with its trace."""
    table = folding.quarantined
    query = sa.select(table).order_by(table.c.seq).limit(MOST)
    with reading(engine) as c:
        trouble = books.trouble(c, READER)
        rows = c.execute(query if seq is None else query.where(table.c.seq == seq)).all()
        found = [_shown(c, folding, row, trouble.get(row.seq, {}), seq is not None) for row in rows]
    return Quarantine(service=folding.service.name, messages=found)


def _shown(
    c: Connection, folding: Folding, row: "Row[tuple[object, ...]]", trouble: dict[str, str], whole: bool
) -> QuarantinedMessage:
    held = folding.held
    behind = c.execute(sa.select(sa.func.count()).select_from(held).where(held.c.subject == row.subject)).scalar_one()
    return QuarantinedMessage(
        stream_seq=row.seq,
        subject=row.subject,
        type=type_in(row.log_subject),
        code=row.code,
        waiting=behind,
        error=clean(trouble.get("error", row.code))[:1000],
        trace=clean(trouble.get("trace", "")) if whole else None,
    )


def clean(text: str) -> str:
    """Without characters that no message may hold."""
    return BAD.sub("?", text)[:20_000]
