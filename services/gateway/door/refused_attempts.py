"""Stores rejected attempts to change roles, grants, rules or other matters of administration without the right to do so."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from microgov.contracts import directory
from microgov.contracts.fields import Role
from microgov.contracts.message import Incoming, Message
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.gateway.door.admin_rights import is_administrative
from microgov.services.gateway.model import Attempted

EXCEEDED_RIGHTS = frozenset(
    {
        "operators_only",
        "not_from_above",
        "whole_tenant_needed",
        "not_from_there",
        "people_are_needed",
        "outside_scope",
        "role_missing",
        "role_not_allowed",
        "type_not_granted",
        "may_not_speak_for_others",
    }
)
"""The codes of rejections that mean: the sender has not the right to do this. All others are ordinary mistakes."""
KEPT_AT_MOST = 10_000
"""How many attempts are kept (the newest ones), because a sender that tries for ever must not fill the disk."""


def attempt_of(
    bad: InvalidMessage, m: Incoming[Message] | None, publisher: str, at: datetime
) -> Attempted | None:
    """The row to store; None if the message was rejected for an ordinary mistake, or is not about administration."""
    if m is None or bad.code not in EXCEEDED_RIGHTS or not is_administrative(m):
        return None
    return Attempted(
        n=0,
        at=at,
        publisher=publisher,
        publisherid=m.id,
        person=m.authid,
        role=m.role.value if m.role else None,
        type=m.type,
        subject=m.subject,
        code=bad.code,
        about=_about(m.data),
    )


def _about(data: Any) -> str:
    """What the attempt was about, in a few words."""
    if isinstance(data, directory.GrantRole | directory.RevokeRole):
        return f"{data.role} at {data.place}"
    if isinstance(data, directory.RegisterPerson | directory.DefinePlace):
        return f"at {data.place if isinstance(data, directory.RegisterPerson) else data.parent or 'the top'}"
    return f"section {data.content.section}" if isinstance(data, directory.ChangeRules) else ""


def keep(c: Connection, rows: list[Attempted]) -> None:
    """Writes the rows in the door's transaction, and deletes the oldest above the limit."""
    if not rows:
        return
    table = Attempted.__table__
    last = c.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.n), 0))).scalar_one()
    columns = [str(column.name) for column in table.c]
    values = [
        {name: getattr(row, name) for name in columns} | {"n": n} for n, row in enumerate(rows, last + 1)
    ]
    c.execute(sa.insert(Attempted), values)
    c.execute(sa.delete(Attempted).where(table.c.n <= last + len(rows) - KEPT_AT_MOST))


def attempts(asked: directory.ListAttempts, s: Session) -> directory.Attempts:
    """Answers ListAttempts: the newest first."""
    rows = s.scalars(sa.select(Attempted).order_by(Attempted.n.desc()).limit(asked.most))
    count = s.scalar(sa.select(sa.func.count()).select_from(Attempted)) or 0
    return directory.Attempts(count=count, attempts=[_attempt(row) for row in rows])


def _attempt(row: Attempted) -> directory.Attempt:
    values = {name: getattr(row, name) for name in directory.Attempt.model_fields}
    return directory.Attempt.model_validate({**values, "role": Role(row.role) if row.role else None})
