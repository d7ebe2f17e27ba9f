"""Messages of the log after parsing, valid or not."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from microgov.contracts.log import DeadlineReached, SetClock
from microgov.contracts.message import REGISTRY, envelope_of, parse, type_in
from microgov.services.chassis.columns import UNIX_EPOCH, micros
from microgov.services.chassis.log import Stored, body_of, id_of
from microgov.services.chassis.model import AnyMessage


class Parsed(NamedTuple):
    """A message of the log after parsing. `broken` says why it is not valid (then only its envelope is known); None if it is
    valid.
    """

    stored: Stored
    m: AnyMessage
    broken: str | None = None


class HandlerFailed(Exception):
    """A handler raised an error that is neither a refusal nor one of the infrastructure: this message is quarantined.

    `during` is the message that was being folded: `parsed` itself, or the order that retries or releases it.
    """

    def __init__(self, parsed: Parsed, error: BaseException, during: Parsed | None = None) -> None:
        super().__init__(f"{parsed.stored.subject} at {parsed.stored.seq}: {error!r}")
        self.parsed, self.error, self.during = parsed, error, during or parsed


def read_one(stored: Stored) -> Parsed:
    """Parses and validates a message. An invalid one is returned as `broken`, and the fold will quarantine it."""
    try:
        return Parsed(stored, parse(stored.subject, stored.data))
    except ValidationError as error:
        return Parsed(stored, _head(stored), str(error)[:500])


def _head(stored: Stored) -> AnyMessage:
    """The envelope of an invalid message; if that cannot be read either, one made from its place in the log, so that the
    message can be named and quarantined.
    """
    body, kind = body_of(stored), REGISTRY[type_in(stored.subject)]
    try:
        head = envelope_of(SetClock).model_validate_json(
            orjson.dumps({**body, "data": {"to": body["recordedtime"]}})
        )
    except (ValidationError, KeyError):
        head = _envelope_of_unreadable(stored)
    return head.model_copy(update={"data": kind.model_construct()})


def _envelope_of_unreadable(stored: Stored) -> AnyMessage:
    """An envelope made from subject and sequence. Its message's subject is unknown, so nothing is held behind it."""
    _, tenant, writer, kind = stored.subject.split(".", 3)
    id = id_of(stored)
    return envelope_of(SetClock)(
        specversion="1.0",
        datacontenttype="application/json",
        id=id,
        source=f"/microgov/{tenant}/{writer}",
        type=kind,
        subject=f"unreadable-{stored.seq}",
        time=UNIX_EPOCH,
        recordedtime=UNIX_EPOCH,
        tenant=tenant,
        writer=writer,
        sequence="0" * 19,
        correlationid=id,
        authid=writer,
        authtype="system",
        data=SetClock(to=UNIX_EPOCH),
    )


def kind_of(parsed: Parsed) -> str:
    """The kind of the message: its type; for a DeadlineReached also the kind of the deadline, because each has its own
    handler.
    """
    data = parsed.m.data
    return (
        f"{parsed.m.type}/{data.kind}"
        if isinstance(data, DeadlineReached) and not parsed.broken
        else parsed.m.type
    )


def greatest_time(batch: Sequence[Parsed], now: int) -> int:
    """A fold's current time in microseconds: the greatest recordedtime that it has folded."""
    return max(now, micros(max(parsed.m.recordedtime for parsed in batch)))
