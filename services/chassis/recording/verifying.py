"""Checks what a recording holds: each message by its schema, numbers, ids and causes, and that services answer for it."""

from collections.abc import Callable, Collection, Iterator

import orjson
from pydantic import ValidationError

from microgov.contracts.message import canonical, parse
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.audit import Audit
from microgov.services.chassis.recording.recording import Recording

DOOR = "gateway"
"""The writer name of the door, which writes what publishers send."""


def verify(recording: Recording, progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Yields what is wrong inside: order, numbers, ids, causes, times, schema, bytes that are not canonical."""
    last, audit = 0, Audit()
    for done, stored in enumerate(recording.messages, 1):
        if stored.seq <= last:
            yield f"seq {stored.seq} stands after {last}"
        last = stored.seq
        audit.take(stored)
        yield from _invalid(stored)
        progress(done)
    yield from (f"seq {finding}" for finding in audit.findings)
    if recording.messages and not recording.states and not recording.digests:
        yield "the trailer holds no state: the rows could not be compared"


def foreign_parts(recording: Recording, folds: Collection[str]) -> Iterator[str]:
    """Yields what does not belong to this project's services: no fold would read it, or nothing would be compared with it.

    `folds` are the names of the existing services; the other known writers are their edges and the door.
    """
    known = {DOOR, *folds, *(f"{fold}-edge" for fold in folds)}
    subjects = recording.contents.subjects
    for subject, (seq, _count) in subjects.items():
        _, tenant, writer = (*subject.split(".", 3), "", "")[:3]
        if tenant != recording.tenant:
            yield f"seq {seq}: {subject} is of another tenant than the recording ({recording.tenant})"
        elif writer not in known:
            yield f"seq {seq}: {writer} is no writer of this house, which has the services {', '.join(sorted(folds))}"
    for service in sorted({*recording.digests, *recording.states} - {*folds}):
        yield f"the trailer holds the state of {service}, which is no service of this house"
    said = tuple(f"log.{recording.tenant}.{fold}." for fold in folds)
    if not any(subject.startswith(said) for subject in subjects):
        yield "no service has said anything: there is nothing to compare"


def _invalid(stored: Stored) -> Iterator[str]:
    try:
        m = parse(stored.subject, stored.data)
    except KeyError:
        yield f"seq {stored.seq}: {stored.subject} is of no type that this version knows"
        return
    except ValidationError as error:
        yield f"seq {stored.seq}: {stored.subject} is not valid: {str(error)[:300]}"
        return
    body = orjson.loads(stored.data)
    if canonical(body) != stored.data:
        yield f"seq {stored.seq}: the bytes are not canonical"
    if m.type != body["type"] or not stored.subject.endswith(f".{m.type}"):
        yield f"seq {stored.seq}: type {m.type} under subject {stored.subject}"
