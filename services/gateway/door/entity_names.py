"""The names that senders choose: a UUID of version 5 is the house's own form, which follows from who sent what.

Whoever could choose one might take the name that somebody else's next message will get. Versions 4 and 7 are fine, and so
is naming what is there already.
"""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts import log, matching
from microgov.contracts.message import Incoming, Message
from microgov.contracts.validation.incoming import Bad
from microgov.services.gateway.model import Person, Place, Seen

HOUSE_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def doubtful(m: Incoming[Message]) -> bool:
    """It may create something, under a name of the house's form; an operator's orders create nothing."""
    creates = type(m.data).CREATES and type(m.data).__module__ != log.__name__
    return creates and m.subject is not None and HOUSE_FORM.fullmatch(m.subject) is not None


def there(c: Connection, batch: Sequence[Incoming[Message]]) -> set[str]:
    """Which of a batch's doubtful names stand for something already: people, places, offers that the door let in."""
    names = sorted({str(m.subject) for m in batch if doubtful(m)})
    if not names:
        return set()
    tables: list[Any] = [Person.__table__, Place.__table__]
    found = {
        id
        for table in tables
        for id in c.execute(sa.select(table.c.id).where(table.c.id.in_(names))).scalars()
    }
    offered = matching.SubmitOffer | matching.DraftOffer
    offers = sorted({str(m.subject) for m in batch if doubtful(m) and isinstance(m.data, offered)})
    if offers:  # without an index: once for a batch, and only where somebody has let the house name an offer
        found |= set(c.execute(sa.select(Seen.id).where(Seen.id.in_(offers))).scalars())
    return found


def must_be_free(m: Incoming[Message], known: set[str]) -> None:
    """Raises Bad for a new thing under a name of the house's form."""
    if doubtful(m) and m.subject not in known:
        raise Bad(
            "reserved_id",
            "subject",
            f"{m.subject} 是系统自用的编号形式（UUID 第 5 版）。请另选编号（如 UUID 第 4 版），或不填 subject。",
            f"{m.subject} has the form of the house's own names (UUID version 5). "
            "Choose another, a UUID of version 4 for example, or leave subject out.",
        )
