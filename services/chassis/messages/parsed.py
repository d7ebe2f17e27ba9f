"""A message of the log, read by the code: validated, or known to be broken."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from microgov.contracts.log import DeadlineReached, SetClock
from microgov.contracts.message import REGISTRY, envelope_of, parse, type_in
from microgov.services.chassis.columns import EPOCH, micros
from microgov.services.chassis.log import Stored, body_of, id_of
from microgov.services.chassis.model import AnyMessage


class Parsed(NamedTuple):
    """A message of the log, read; `broken` says why it could not be validated (then only its envelope is known)."""

    stored: Stored
    m: AnyMessage
    broken: str | None = None


class HandlerFailed(Exception):
    """A handler raised what is neither a refusal nor a failing infrastructure: this message is quarantined.

    `during` is the message of the log that was being folded: an order that tries `parsed` again, or releases it.
    """

    def __init__(self, parsed: Parsed, error: BaseException, during: Parsed | None = None) -> None:
        super().__init__(f"{parsed.stored.subject} at {parsed.stored.seq}: {error!r}")
        self.parsed, self.error, self.during = parsed, error, during or parsed


def read_one(stored: Stored) -> Parsed:
    """Validates a message; one that is not valid is kept with what can be known of it, and will be quarantined."""
    try:
        return Parsed(stored, parse(stored.subject, stored.data))
    except ValidationError as error:
        return Parsed(stored, _head(stored), str(error)[:500])


def _head(stored: Stored) -> AnyMessage:
    """The envelope; of what is none, one that follows from where it stands, so that it can be named and put aside."""
    body, kind = body_of(stored), REGISTRY[type_in(stored.subject)]
    try:
        head = envelope_of(SetClock).model_validate_json(
            orjson.dumps({**body, "data": {"to": body["recordedtime"]}})
        )
    except (ValidationError, KeyError):
        head = _nobodys(stored)
    return head.model_copy(update={"data": kind.model_construct()})


def _nobodys(stored: Stored) -> AnyMessage:
    """Nothing waits behind it: what it was about is not known."""
    _, tenant, writer, kind = stored.subject.split(".", 3)
    id = id_of(stored)
    return envelope_of(SetClock)(
        specversion="1.0",
        datacontenttype="application/json",
        id=id,
        source=f"/microgov/{tenant}/{writer}",
        type=kind,
        subject=f"unreadable-{stored.seq}",
        time=EPOCH,
        recordedtime=EPOCH,
        tenant=tenant,
        writer=writer,
        sequence="0" * 19,
        correlationid=id,
        authid=writer,
        authtype="system",
        data=SetClock(to=EPOCH),
    )


def kind_of(parsed: Parsed) -> str:
    """Its type; of what is due, the kind of deadline, too: one handler each."""
    data = parsed.m.data
    return (
        f"{parsed.m.type}/{data.kind}"
        if isinstance(data, DeadlineReached) and not parsed.broken
        else parsed.m.type
    )


def greatest_time(batch: Sequence[Parsed], now: int) -> int:
    """A fold's now, in microseconds: the greatest recordedtime that it has folded."""
    return max(now, micros(max(parsed.m.recordedtime for parsed in batch)))
