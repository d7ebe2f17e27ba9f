"""Checks the ids that senders choose for new entities. UUIDs of version 5 are reserved, because the gateway derives such ids
from the publisher and the publisher's message id.

A sender that could choose one might take the id that another publisher's next message will get. UUIDs of versions 4 and 7
are allowed. A command may also name an existing entity by its reserved id.
"""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts import log, matching
from microgov.contracts.message import Incoming, Message
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.gateway.model import Person, Place, Seen

INTERNAL_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""A UUID of version 5."""


def has_reserved_id(m: Incoming[Message]) -> bool:
    """Whether the message may create an entity under a reserved id. An operator's orders (contracts/log.py) create
    nothing.
    """
    creates = type(m.data).CREATES and type(m.data).__module__ != log.__name__
    return creates and m.subject is not None and INTERNAL_FORM.fullmatch(m.subject) is not None


def existing_ids(c: Connection, batch: Sequence[Incoming[Message]]) -> set[str]:
    """Which of a batch's reserved ids belong to existing entities: people, places, offers that the door accepted."""
    names = sorted({str(m.subject) for m in batch if has_reserved_id(m)})
    if not names:
        return set()
    tables: list[Any] = [Person.__table__, Place.__table__]
    found = {
        id
        for table in tables
        for id in c.execute(sa.select(table.c.id).where(table.c.id.in_(names))).scalars()
    }
    offered = matching.SubmitOffer | matching.DraftOffer
    offers = sorted({str(m.subject) for m in batch if has_reserved_id(m) and isinstance(m.data, offered)})
    if offers:  # no index: one query per batch, and only if an offer's id was left to the gateway
        found |= set(c.execute(sa.select(Seen.id).where(Seen.id.in_(offers))).scalars())
    return found


def must_be_free(m: Incoming[Message], known: set[str]) -> None:
    """Raises InvalidMessage for a new entity under a reserved id; `known`: the reserved ids of existing entities."""
    if has_reserved_id(m) and m.subject not in known:
        raise InvalidMessage(
            "reserved_id",
            "subject",
            f"{m.subject} 是系统自用的编号形式（UUID 第 5 版）。请另选编号（如 UUID 第 4 版），或不填 subject。",
            f"{m.subject} has the form of the house's own names (UUID version 5). "
            "Choose another, a UUID of version 4 for example, or leave subject out.",
        )
