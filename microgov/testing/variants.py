"""Variants of a recording: without some inputs, with another one, or only its beginning.

Each function returns the recording as the present services answer what is left (`regenerate`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from typing import Any

from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.message import Envelope, Message, parse, type_in
from microgov.contracts.versions import types_of
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored, body_of, id_of, recorded_in
from microgov.services.chassis.messages.stamp import Input, Sender, stamp_input
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.regenerate import Regenerated, regenerate
from microgov.services.chassis.service import Service
from microgov.testing.updating import with_states

What = int | str | type[Message] | tuple[type[Message], str] | Callable[[Envelope[Message]], bool]
"""Names inputs: a sequence of the log, the id of a message, a type, a type and an entity, or a function of the message."""
WRITER, PUBLISHER = "gateway", "inserted"
"""The writer of an inserted message, and the publisher that it is said to come from."""


def without(recording: Recording, *what: What, services: Sequence[Service] = FOLDS) -> Regenerated:
    """The recording without these inputs. Raises ValueError for what names no input."""
    gone: set[int] = set()
    for one in what:
        found = {stored.seq for stored in _inputs(recording, services) if _is_meant(stored, one)}
        if not found:
            raise ValueError(f"without({one!r}): {_why_none(recording, one)}")
        gone |= found
    return _made(recording, [stored for stored in recording.messages if stored.seq not in gone], services)


def with_input(
    recording: Recording,
    message: Message,
    subject: str,
    after: int | None,
    by: str,
    role: Role | None,
    services: Sequence[Service] = FOLDS,
) -> Regenerated:
    """The recording with another input behind the message at the sequence `after` (None: at the end). Raises ValueError."""
    kept: list[Stored] = []
    added: Stored | None = None
    last = 0
    sender = _sender(_inputs(recording, services), by, role)
    for stored in recording.messages:
        kept.append(stored)
        last = max(last, stored.seq)
        if stored.seq == after:
            added = _stamped(recording, message, subject, sender, stored)
            kept.append(added)
    if after is None and kept:
        added = _stamped(recording, message, subject, sender, kept[-1])
        kept.append(added)
    if added is None:
        raise ValueError(f"insert(after={after}): the recording has no such message; its last one is {last}")
    # No other message of the recording has this sequence; the new recording counts anew.
    kept[kept.index(added)] = added._replace(seq=last + 1)
    return _made(recording, kept, services)


def until(recording: Recording, seq: int, services: Sequence[Service] = FOLDS) -> Regenerated:
    """The recording up to this sequence, and all answers to what stands there."""
    return _made(recording, [stored for stored in recording.messages if stored.seq <= seq], services)


def at(recording: Recording, time: datetime, services: Sequence[Service] = FOLDS) -> Regenerated:
    """The recording up to this time. Raises ValueError for a time without a zone."""
    if time.tzinfo is None:
        raise ValueError(f"at({time!r}): the time has no zone; add tzinfo=UTC")
    return _made(
        recording, [stored for stored in recording.messages if recorded_in(stored) <= time], services
    )


def _made(recording: Recording, messages: Sequence[Stored], services: Sequence[Service]) -> Regenerated:
    """The recording with these messages, as the present services answer their inputs."""
    without_effect: list[Stored] = []
    while True:
        some = replace(recording, messages=tuple(messages), states={}, digests={}, open=False)
        made = regenerate(some, services, again=False)
        failed = _failed(made.recording, services) - _failed(recording, services)
        # An edge's report fails only if it is about something that does not happen any more.
        pointless = [stored for stored in messages if _is_of_edge(stored) and id_of(stored) in failed]
        if not pointless:
            return replace(with_states(made, services), left_out=(*made.left_out, *without_effect))
        without_effect += pointless
        messages = [stored for stored in messages if stored not in pointless]


def _failed(recording: Recording, services: Sequence[Service]) -> set[str]:
    """The ids of the messages that a service has quarantined."""
    quarantines = recording.contents.quarantines
    return {cause for service in services for cause in quarantines.get(service.name, ())}


def _is_of_edge(stored: Stored) -> bool:
    return stored.subject.split(".", 3)[2].endswith("-edge")


def _inputs(recording: Recording, services: Sequence[Service]) -> Iterator[Stored]:
    folds = {service.name for service in services}
    return (stored for stored in recording.messages if stored.subject.split(".", 3)[2] not in folds)


def _is_meant(stored: Stored, what: Any) -> bool:
    if isinstance(what, int):
        return stored.seq == what
    if isinstance(what, str):
        return id_of(stored) == what
    if isinstance(what, tuple | type):
        kind, subject = what if isinstance(what, tuple) else (what, None)
        return type_in(stored.subject) in types_of(kind) and subject in (None, body_of(stored).get("subject"))
    return bool(what(parse(stored.subject, stored.data)))


def _why_none(recording: Recording, what: What) -> str:
    """Why it names no input: of an answer, which input it follows from."""
    by_id = recording.by_id
    found = next((m for m in recording.messages if isinstance(what, int | str) and _is_meant(m, what)), None)
    if found is None:
        return "the recording has no such input"
    cause: Any = found
    while (before := by_id.get(str(body_of(cause).get("causationid")))) is not None:
        cause = before
    return f"this is an answer; leave out the input from which it follows, {cause.seq}"


def _sender(inputs: Iterator[Stored], by: str, role: Role | None) -> Sender:
    """The person, in the scope in which they last sent something (in this role, if it is given)."""
    found: dict[str, Any] = {}
    for stored in inputs:
        body = body_of(stored)
        if body.get("authid") == by and role in (None, body.get("role")):
            found = body
    known = found.get("role")
    if role is None and known is None:
        raise ValueError(f"insert(by={by!r}): {by} has sent nothing in this recording; say role=Role.…")
    return Sender(by, found.get("authtype", "app_user"), role or Role(str(known)), found.get("scope"))


def _stamped(recording: Recording, message: Message, subject: str, sender: Sender, after: Stored) -> Stored:
    """The message at the time of the one behind which it stands. Its id follows from both; `/2` and so on tells apart what
    is inserted again.
    """
    given_id = f"{id_of(after)}/{message.TYPE}/{subject}/{sender.authid}"
    names = chain([given_id], (f"{given_id}/{n}" for n in count(2)))
    ids = (outside_id(recording.tenant, PUBLISHER, name) for name in names)
    id = next(one for one in ids if one not in recording.by_id)
    when = recorded_in(after)
    made = Input(message, subject, id, when, sender, publisher=PUBLISHER, publisherid=id)
    draft = stamp_input(recording.tenant, WRITER, made)
    return Stored(0, draft.subject, draft.data)
