"""Redacts a recording: no reference and no text of it is left, and it still replays.

Only the inputs are rewritten, each reference by its new name and each text by a placeholder. The present services answer
them, so all answers follow. They are paired with the recorded ones: that gives the new places in the log, the new ids of
answers, and the new names of what the services have named themselves, which later inputs may mention. Times, numbers, codes
and types of messages stay.
"""

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from pydantic import ValidationError

from microgov.contracts.directory import ChangeRules
from microgov.contracts.ids import listening
from microgov.contracts.message import REGISTRY, canonical, envelope_of, type_in
from microgov.contracts.subjects import log_subject
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.log import Stored, body_of, id_of
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.personal_fields import NOWHERE, Kind, changed
from microgov.services.chassis.regeneration.pseudonyms import TEXT, Pseudonyms
from microgov.services.chassis.regeneration.regenerate import ORDERS, Deployment, deployment_of
from microgov.services.chassis.replay.sandbox import sandbox
from microgov.services.chassis.service import Service

REFERENCES = (
    "id",
    "correlationid",
    "causationid",
    "subject",
    "authid",
    "onbehalfof",
    "scope",
    "publisher",
    "tenant",
)
"""The fields of the envelope that hold references."""
_STAY = (
    "specversion",
    "datacontenttype",
    "type",
    "time",
    "recordedtime",
    "authtype",
    "role",
    "entityversion",
    "writer",
)
_ALPHABETS: dict[str, str] = {"base64": string.ascii_letters + string.digits, "hex": "0123456789abcdef"}
Change = Callable[[Kind, str], str]
_OTHER_NUMBERS = frozenset({"sequence", "stream_seq", *NOWHERE})
"""Numbers that a redaction changes."""


@dataclass(frozen=True)
class Redacted:
    """The new recording (without states), and the recorded answers in whose place the present services give another one
    (of another type, or with other numbers), or none.
    """

    recording: Recording
    otherwise: tuple[Stored, ...]


def redacted(
    recording: Recording,
    services: Sequence[Service],
    key: bytes,
    progress: Callable[[int], None] = lambda _: None,
) -> Redacted:
    """The recording without its texts and references. Raises Problem for a message of a type that this release does not
    know: it cannot be said which of its values are personal.
    """
    folds = {service.name for service in services}
    found: dict[str, set[str]] = {"reference": {recording.tenant}, "name": set(), "word": set()}

    def note(kind: Kind, value: str) -> str:
        found.setdefault(kind, set()).add(value)
        return value

    for stored in recording.messages:
        if stored.subject.split(".", 3)[2] not in folds:
            _rewritten(stored, note)
    names = Pseudonyms(key, found["reference"], found["name"], found["word"])
    with sandbox(*services), listening(names.learn_derived):
        work = _Redaction(recording, services, names)
        for stored in recording.messages:
            work.take(stored)
            progress(1)
        return work.end()


def _rewritten(stored: Stored, change: Change) -> dict[str, Any]:
    """An input as JSON values, in the version in which it was sent, with all its references and texts changed. The data of
    an invalid one is left out.
    """
    try:
        sent = envelope_of(REGISTRY[type_in(stored.subject)]).model_validate_json(stored.data)
    except KeyError:
        raise Problem(
            f"第 {stored.seq} 条的类型 {type_in(stored.subject)} 不为此版本所知，"
            "无法判断其中哪些是个人信息。请用录制时的版本。",
            f"Message {stored.seq} is of the type {type_in(stored.subject)}, which this release does not know, so it "
            "cannot be said what in it is personal. Use the release that has recorded it.",
        ) from None
    except ValidationError:
        return {**_envelope(stored, body_of(stored), change), "data": TEXT}
    body = _envelope(stored, body_of(stored), change)
    if isinstance(sent.data, ChangeRules):
        body["subject"] = sent.subject  # the name of a section
    return {**body, "data": changed(sent.data, change)}


def _envelope(stored: Stored, body: dict[str, Any], change: Change) -> dict[str, Any]:
    """The fields of the envelope. A service's own name stays, where it is the sender."""
    made = {name: body[name] for name in _STAY if name in body}
    found = {
        "id": id_of(stored),
        **{name: body[name] for name in REFERENCES if isinstance(body.get(name), str)},
    }
    made |= {name: change("reference", value) for name, value in found.items()}
    if body.get("authtype") == "system" and body.get("authid") == body.get("writer"):
        made["authid"] = body["authid"]
    if isinstance(body.get("publisherid"), str):
        made["publisherid"] = change("name", body["publisherid"])
    if isinstance(body.get("traceparent"), str):
        version, trace, span, flags = (body["traceparent"].split("-") + [""] * 4)[:4]
        made["traceparent"] = "-".join([version, change("hex", trace), change("hex", span), flags])
    made["source"] = f"/microgov/{made.get('tenant')}/{made.get('writer')}"
    return {**made, "sequence": "0" * 19}


class _Redaction:
    """The new log while it is written. `numbers`: sequence in the recording → sequence in the new log. `deadlines`: the
    kinds of deadlines that the services know, which are codes of the system.
    """

    def __init__(self, recording: Recording, services: Sequence[Service], names: Pseudonyms) -> None:
        self.names, self.open = names, recording.open
        self.deadlines = frozenset(kind for service in services for kind in service.deadlines)
        self.tenant = names.reference(recording.tenant)
        empty = replace(recording, tenant=self.tenant, messages=(), states={}, digests={})
        self.deployment: Deployment = deployment_of(empty, services)
        self.numbers: dict[int, int] = {}
        self.ids: dict[str, str] = {}
        self.otherwise: list[Stored] = []
        quarantines = recording.contents.quarantines
        self.quarantined = {service.name: quarantines.get(service.name, {}) for service in services}

    def take(self, stored: Stored) -> None:
        """Writes what stands in place of a message of the recording."""
        writer = stored.subject.split(".", 3)[2]
        if writer in self.deployment.folds:
            self._answer(writer, stored)
        else:
            self._input(writer, stored)
        self.numbers[stored.seq] = len(self.deployment.log)

    def end(self) -> Redacted:
        """Writes the answers that were not recorded."""
        self.deployment.put_new()
        made = Recording(self.tenant, tuple(self.deployment.log), {}, self.open)
        return Redacted(made, tuple(self.otherwise))

    def _input(self, writer: str, stored: Stored) -> None:
        body = _rewritten(stored, self._change)
        if type_in(stored.subject) in ORDERS and isinstance(body["data"], dict):
            body["data"]["stream_seq"] = self.numbers.get(
                body["data"]["stream_seq"], body["data"]["stream_seq"]
            )
        self._pair(id_of(stored), body["id"])
        subject = log_subject(self.tenant, writer, type_in(stored.subject))
        self.deployment.put(subject, writer, canonical(body), body["id"])

    def _answer(self, service: str, stored: Stored) -> None:
        """Writes the answer that is given now to the same message, and before it those to earlier ones that are left."""
        waiting, old = self.deployment.waiting[service], body_of(stored)
        cause = b'"causationid":"%b"' % self.ids.get(str(old.get("causationid")), "").encode()
        at = next((n for n, draft in enumerate(waiting) if cause in draft.data), None)
        if at is None:
            self.otherwise.append(stored)
            return
        now = orjson.loads(waiting[at].data)
        self._pair(id_of(stored), now["id"])  # before it is written, since other services answer it at once
        for _ in range(at + 1):
            self.deployment.put_answer(service)
        if _shape(now) != _shape(old):
            self.otherwise.append(stored)
        if now["type"] == old["type"]:
            self._learn(old["subject"], now["subject"])
            self._learn(old["data"], now["data"])

    def _pair(self, old: str, new: str) -> None:
        """Notes the new id of a message; what a service has quarantined will be quarantined again."""
        self.ids[old] = new
        self.names.learn(old, new)
        for service, (feeding, _) in self.deployment.folds.items():
            code = self.quarantined[service].get(old)
            if code is not None:
                feeding.folding.forced[new] = code

    def _learn(self, old: Any, new: Any) -> None:
        """Notes the new names of what a service has named, by comparing two answers."""
        if isinstance(old, dict) and isinstance(new, dict):
            for name in old.keys() & new.keys():
                self._learn(old[name], new[name])
        elif isinstance(old, list) and isinstance(new, list):
            for one, other in zip(old, new, strict=False):
                self._learn(one, other)
        elif isinstance(old, str) and isinstance(new, str):
            self.names.learn(old, new)

    def _change(self, kind: Kind, old: str) -> str:
        if kind == "reference":
            return self.names.reference(old)
        if kind == "name":
            return self.names.name(old)
        if kind == "word":
            return old if old in self.deadlines else self.names.word(old)
        return self.names.like(old, _ALPHABETS[kind]) if kind in _ALPHABETS else TEXT


def _shape(value: Any) -> Any:
    """All of an answer but its strings and positions on the map, and its type."""
    if isinstance(value, dict):
        kept = {name: _shape(one) for name, one in value.items() if name not in _OTHER_NUMBERS}
        return {**kept, "type": value.get("type")}
    return (
        [_shape(one) for one in value]
        if isinstance(value, list)
        else None
        if isinstance(value, str)
        else value
    )
