"""Makes the messages for the log. The envelope of a fold's answer follows from its cause; an input is stamped by the loop
that writes it.

The bytes are canonical from the start; only the writer's number is filled in later, in the transaction (`numbered`).
"""

from datetime import datetime
from typing import Any, NamedTuple

import orjson
from pydantic_core import to_jsonable_python

from microgov.contracts.fields import Role
from microgov.contracts.ids import MESSAGE_NAMESPACE, message_id
from microgov.contracts.message import AuthType, Envelope, Message
from microgov.contracts.subjects import log_subject
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.model import AnyMessage, Said

MOST_BYTES = 256 * 1024
_COPIED = (
    "correlationid",
    "authid",
    "authtype",
    "role",
    "scope",
    "onbehalfof",
    "publisher",
    "publisherid",
    "traceparent",
)
_NUMBER = b'"sequence":"'
_NONE = "0" * 19
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


class Draft(NamedTuple):
    """A message whose number is not filled in yet. `subject` is the broker's subject to publish on."""

    id: str
    subject: str
    data: bytes

    def numbered(self, n: int) -> Outgoing:
        """The message with the number `n` among its writer's messages."""
        at = self.data.rindex(_NUMBER) + len(_NUMBER)
        return Outgoing(n, self.id, self.subject, b"%b%019d%b" % (self.data[:at], n, self.data[at + 19 :]))


class TooLarge(ValueError):
    """A message above 256 KiB: an error of the handler that returned it."""


def time_text(time: datetime) -> str:
    """A UTC time as text for a message: microseconds only if there are any, Z at the end."""
    return orjson.dumps(time, option=orjson.OPT_UTC_Z)[1:-1].decode()


def _draft(tenant: str, writer: str, body: dict[str, Any]) -> Draft:
    data = orjson.dumps(body, option=_CANONICAL)
    if len(data) > MOST_BYTES:
        raise TooLarge(f"{body['type']} has {len(data)} bytes; a message may have {MOST_BYTES}")
    return Draft(body["id"], log_subject(tenant, writer, body["type"]), data)


class EventStamper:
    """Stamps the answers of one fold for one tenant."""

    def __init__(self, tenant: str, writer: str) -> None:
        self.tenant, self.writer = tenant, writer
        self.fixed = {
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "source": f"/microgov/{tenant}/{writer}",
            "tenant": tenant,
            "writer": writer,
            "sequence": _NONE,
        }

    def because_of(self, cause: AnyMessage, said: list[Said]) -> list[Draft]:
        """Makes the answers to one message. Their ids, times and sender follow from that message alone, so a replay makes
        the same bytes.
        """
        if not said:
            return []
        held = cause.__dict__
        time = held["recordedtime"]
        body: dict[str, Any] = {
            **self.fixed,
            "time": time,
            "recordedtime": time,
            "causationid": held["id"],
            **{name: value for name in _COPIED if (value := held[name]) is not None},
        }
        drafts: list[Draft] = []
        counts: dict[str, int] = {}
        for event, subject, version in said:
            name = f"{self.writer}/{event.TYPE}/{subject}"
            repeat = counts[name] = counts.get(name, 0) + 1
            data = event.__pydantic_serializer__.to_python(event, mode="json", exclude_none=True)
            id = message_id(held["id"], f"{name}/{repeat}")
            one = {**body, "id": id, "type": event.TYPE, "subject": subject, "data": data}
            if version is not None:
                one["entityversion"] = version
            drafts.append(_draft(self.tenant, self.writer, one))
        return drafts


class Sender(NamedTuple):
    """The person, program or service in whose name an input is written."""

    authid: str
    authtype: AuthType
    role: Role | None = None
    scope: str | None = None
    onbehalfof: str | None = None


def system_sender(writer: str) -> Sender:
    """The sender of an input by which a loop reports what it did."""
    return Sender(writer, "system")


class Input(NamedTuple):
    """An input before it is stamped, as an edge or the door gives it: the message, its entity id (`subject`), its own id,
    when it is recorded (UTC), and its sender. Without `time`, `at` is also the time of what it reports.
    """

    message: Message
    subject: str
    id: str
    at: datetime
    sender: Sender
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    time: datetime | None = None
    publisher: str | None = None
    publisherid: str | None = None


def stamp_input(tenant: str, writer: str, given: Input) -> Draft:
    """The input in the form in which it is written into the log."""
    body = {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "source": f"/microgov/{tenant}/{writer}",
        "id": given.id,
        "type": given.message.TYPE,
        "subject": given.subject,
        "tenant": tenant,
        "writer": writer,
        "time": time_text(given.time or given.at),
        "recordedtime": time_text(given.at),
        "sequence": _NONE,
        "correlationid": given.correlationid or given.id,
        "causationid": given.causationid,
        "traceparent": given.traceparent,
        "publisher": given.publisher,
        "publisherid": given.publisherid,
        **given.sender._asdict(),
        "data": to_jsonable_python(given.message, exclude_none=True),
    }
    return _draft(tenant, writer, {name: value for name, value in body.items() if value is not None})


def reported_id(tenant: str, *what: object) -> str:
    """The id of an edge's report: the same report always has the same id."""
    return message_id(MESSAGE_NAMESPACE, "/".join([tenant, *(str(part) for part in what)]))


def canonical_bytes(envelope: Envelope[Any]) -> bytes:
    """The canonical bytes of a message."""
    return orjson.dumps(to_jsonable_python(envelope, exclude_none=True), option=orjson.OPT_SORT_KEYS)
