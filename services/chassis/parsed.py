"""A message of the log, read by the code: validated, or known to be broken."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from contracts.log import SetClock
from contracts.message import REGISTRY, envelope_of, parse, type_in
from services.chassis.columns import micros
from services.chassis.log import Stored
from services.chassis.model import AnyMessage


class Parsed(NamedTuple):
    """A message of the log, read; `broken` says why it could not be validated (then only its envelope is known)."""

    stored: Stored
    m: AnyMessage
    broken: str | None = None


class HandlerFailed(Exception):
    """A handler raised what is neither a refusal nor a failing infrastructure: this message is quarantined."""

    def __init__(self, parsed: Parsed, error: BaseException) -> None:
        super().__init__(f"{parsed.stored.subject} at {parsed.stored.seq}: {error!r}")
        self.parsed, self.error = parsed, error


def read_one(stored: Stored) -> Parsed:
    """Validates a message; one that is not valid is kept with what can be known of it, and will be quarantined."""
    try:
        return Parsed(stored, parse(stored.subject, stored.data))
    except ValidationError as error:
        body = orjson.loads(stored.data)
        kind = REGISTRY[type_in(stored.subject)]
        head = envelope_of(SetClock).model_validate_json(
            orjson.dumps({**body, "data": {"to": body["recordedtime"]}})
        ).model_copy(update={"data": kind.model_construct()})
        return Parsed(stored, head, str(error)[:500])


def greatest_time(batch: Sequence[Parsed], now: int) -> int:
    """A fold's now, in microseconds: the greatest recordedtime that it has folded."""
    return max(now, micros(max(parsed.m.recordedtime for parsed in batch)))
