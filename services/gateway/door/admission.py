"""Decides for each incoming message of a publisher whether the door accepts it or rejects it with a receipt; for a duplicate
the first receipt is repeated. In the code an accepted message is called *admitted*.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts.directory import ChangeRules, RegisterPerson
from microgov.contracts.ids import outside_id
from microgov.contracts.log import SetClock
from microgov.contracts.message import Incoming, Message, plain
from microgov.contracts.receipt import Receipt
from microgov.contracts.validation.incoming import check
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.contracts.versions import newest
from microgov.services.chassis.columns import instant, micros
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.stamp import Draft, Input, Sender, stamp_input
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.telemetry import logger, new_traceparent
from microgov.services.gateway.door.admin_rights import must_be_allowed
from microgov.services.gateway.door.entity_names import must_be_free
from microgov.services.gateway.door.refused_attempts import attempt_of
from microgov.services.gateway.door.sender_role import Directory, load, sender_of
from microgov.services.gateway.model import WRITER, Attempted, DoorClock, Seen
from microgov.services.gateway.outbound.outbound import make_draft, receipt_writer, shown

log = logger("door")


def door_time(c: Connection, tenancy: Tenancy) -> datetime:
    """The door's time (UTC), for messages and for questions. Raises Again if it is not known."""
    if not tenancy.tenant.simulated_clock:
        return tenancy.clock.now()
    kept = c.execute(sa.select(DoorClock.now)).scalar()
    return max(instant(kept or 0), tenancy.clock.now())


class Admitted(NamedTuple):
    """An accepted message: as it came in, as it is written into the log, and the id of its entity."""

    m: Incoming[Message]
    draft: Draft
    subject: str


class Admission:
    """Decides about one batch of one publisher, inside the door's transaction.

    `admitted`, `receipts` and `attempts` collect the results. `ids`: the publisher's ids of the accepted messages.
    `has_directory_message`: a message for the directory has been accepted; `changed`: the entities of such messages.
    """

    def __init__(self, c: Connection, publisher: str, tenancy: Tenancy) -> None:
        self.c, self.publisher, self.tenant, self.tenancy = c, publisher, tenancy.tenant.name, tenancy
        self.admitted: list[Admitted] = []
        self.receipts: list[Draft] = []
        self.ids: set[str] = set()
        self.has_directory_message = False
        self.changed: set[str] = set()
        self.attempts: list[Attempted] = []
        self.simulated = tenancy.tenant.simulated_clock
        self.began = self.now = door_time(c, tenancy)

    def keep_clock(self, c: Connection) -> None:
        """Stores the time of a simulated clock that was moved."""
        if self.simulated and self.now != self.began:
            c.execute(sa.delete(DoorClock))
            c.execute(sa.insert(DoorClock).values(one=1, now=micros(self.now)))

    def judge(self, batch: Sequence[Stored], old: bool = False) -> int:
        """Decides about the messages in order; returns how many were decided: fewer than all if the next one must wait for
        the directory.

        `old`: the door's database was restored, and this batch may have been handled before; then duplicates get
        no second receipt.
        """
        read = [self._read(stored) for stored in batch]
        fit = [m for m in read if m is not None]
        known = load(self.c, self.publisher, [newest(m) for m in fit])
        seen = self._seen([m.id for m in fit])
        for count, m in enumerate(read):
            if m is None:
                continue
            if self.has_directory_message and self._must_wait(newest(m)):
                return count
            self._judge_one(m, known, seen, old)
        return len(batch)

    def _must_wait(self, m: Incoming[Message]) -> bool:
        """Whether the message must wait until the directory has folded the earlier messages of this batch, because these may
        change what its sender may do.

        Messages for other services always wait. Messages for the directory wait only if this batch changes their sender
        or, for ChangeRules and RegisterPerson, their entity; so many people can be registered in one batch.
        """
        return (
            type(m.data).OWNER != "directory"
            or m.authid in self.changed
            or (isinstance(m.data, ChangeRules | RegisterPerson) and m.subject in self.changed)
        )

    def _read(self, stored: Stored) -> Incoming[Message] | None:
        """The message, checked against its schema; None if it is invalid and was rejected."""
        try:
            m = check(stored.data)
            if not stored.subject.endswith(f".{m.type}"):
                raise InvalidMessage(
                    "wrong_subject",
                    "type",
                    f"消息类型 {m.type} 与主题不符。请发往该类型的主题。",
                    f"The type {m.type} is not the subject's. Publish on the subject of the type.",
                )
            return m
        except InvalidMessage as bad:
            self._reject(bad, _id_in(stored.data))
        except Exception:
            log.error("a message could not be read", stream_seq=stored.seq)
            self._reject(_INTERNAL, _id_in(stored.data))
        return None

    def _seen(self, ids: Sequence[str]) -> dict[str, Any]:
        """The rows of Seen for those of the ids that were accepted in earlier batches, by id."""
        query = sa.select(Seen.__table__).where(Seen.publisher == self.publisher, Seen.publisherid.in_(ids))
        return {row.publisherid: row for row in self.c.execute(query)}

    def _judge_one(self, m: Incoming[Message], known: Directory, seen: dict[str, Any], old: bool) -> None:
        """Accepts or rejects one message. A duplicate of an accepted one gets the same receipt again if the courier has
        found the first one in the log (`log_seq`); until then the first receipt is still to come.
        """
        if m.id in self.ids:
            return
        if m.id in seen:
            if seen[m.id].log_seq and not old:
                self._receipt(
                    m.id,
                    status="accepted",
                    id=seen[m.id].id,
                    type=seen[m.id].type,
                    subject=seen[m.id].subject,
                    log_seq=seen[m.id].log_seq,
                    **shown(self.tenancy.generation),
                )
            return
        try:
            asked = newest(m)
            sender = sender_of(asked, self.publisher, known, self.now)
            must_be_allowed(asked, sender, self.publisher, self.tenant, known.facts)
            must_be_free(asked, known.existing)
            self._admit(m, sender)
        except InvalidMessage as bad:
            self._reject(bad, m.id, m)
        except Exception:
            log.error("a message could not be let in", publisherid=m.id)
            self._reject(_INTERNAL, m.id, m)

    def _admit(self, m: Incoming[Message], sender: Sender) -> None:
        id = outside_id(self.tenant, self.publisher, m.id)
        subject = m.subject or (id if type(m.data).CREATES else None)
        if subject is None:
            raise InvalidMessage(
                "subject_missing",
                "subject",
                "缺少 subject。请填写所涉事物的编号。",
                "subject is missing. Name what it is about.",
            )
        if isinstance(m.data, SetClock):
            self._set_clock(m.data)
        given = Input(
            m.data,
            subject,
            id,
            self.now,
            sender,
            traceparent=m.traceparent or new_traceparent(),
            time=m.time,
            publisher=self.publisher,
            publisherid=m.id,
        )
        self.admitted.append(Admitted(m, stamp_input(self.tenant, WRITER, given), subject))
        self.ids.add(m.id)
        if type(m.data).OWNER == "directory":
            self.has_directory_message = True
            self.changed.add(subject)

    def _set_clock(self, asked: SetClock) -> None:
        if not self.simulated:
            raise InvalidMessage(
                "clock_is_real",
                "data.to",
                "此租户使用真实时钟，不能拨动。",
                "This tenant's clock is real and cannot be set.",
            )
        if asked.to < self.now:
            raise InvalidMessage(
                "clock_backwards",
                "data.to",
                f"时钟现为 {self.now.isoformat()}，只能向前拨。",
                f"The clock stands at {self.now.isoformat()} and moves forward only.",
            )
        self.now = asked.to.astimezone(UTC)

    def _reject(self, bad: InvalidMessage, publisherid: str, m: Incoming[Message] | None = None) -> None:
        retry = 5 if bad.code == "internal_error" else None
        attempt = attempt_of(bad, m, self.publisher, self.now)
        if attempt is not None:
            self.attempts.append(attempt)
        self._receipt(
            publisherid,
            status="rejected",
            type=m.type if m else None,
            subject=m.subject if m else None,
            code=bad.code,
            field=bad.field,
            message=bad.words,
            retry_after=retry,
        )

    def _receipt(self, publisherid: str, **values: Any) -> None:
        receipt = Receipt(publisherid=publisherid, sequence="0" * 19, **values)
        writer = receipt_writer(self.publisher, self.tenant)
        self.receipts.append(make_draft(receipt.id or "", writer, plain(receipt)))


_INTERNAL = InvalidMessage(
    "internal_error",
    "message",
    "服务内部出错，已记录。请稍后以同一编号重发。",
    "The house failed at it and has logged why. Send it again later under the same id.",
)


def _id_in(raw: bytes) -> str:
    """The sender's id of an invalid message; empty if it cannot be read."""
    try:
        found = orjson.loads(raw)["id"]
    except (ValueError, KeyError, TypeError):
        return ""
    ok = isinstance(found, str) and len(found) <= 128 and found.isprintable()
    return found if ok else ""
