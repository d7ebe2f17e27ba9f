"""What a replay found: where a fold answers a message otherwise than the recording, what it said, and why.

A difference belongs to the message that was answered, its *cause*. So the place where the services part from the log is the
difference whose cause has the lowest sequence.
"""

import inspect
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import type_in
from microgov.contracts.versions import types_of
from microgov.services.chassis.log import Stored, body_of, data_of
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.service import Service

Kind = Literal["missing", "extra", "otherwise", "changed", "order", "interrupted", "state"]
"""`missing`: recorded answers that are not given any more; `extra`: answers that were not recorded; `otherwise`: other
answers in place of recorded ones; `changed`: the same answers with other contents; `order`: the same in another order;
`interrupted`: the replay ended at this message; `state`: the answers are the same, but the rows are others afterwards.
"""
REFUSALS = frozenset({"log.command_refused.v1", "log.event_ignored.v1"})
IMPLIED = frozenset(
    {"causationid", "correlationid", "datacontenttype", "id", "publisher", "publisherid"}
    | {"sequence", "source", "specversion", "tenant", "traceparent", "writer"}
)
"""Fields of the envelope that follow from the cause or from the other fields: shown only if nothing else differs."""


@dataclass(frozen=True)
class Change:
    """One value that differs; None stands for a field that is not there. `path`: `data.people`, `data.lines.0.text`."""

    path: str
    recorded: Any
    said: Any


@dataclass(frozen=True)
class HandlerPlace:
    """The function that answers a message: its name, its file relative to the current folder, and its line.

    `registered`: file and line of the service's table of handlers where it stands; empty if that cannot be said.
    """

    name: str
    file: str
    line: int
    registered: str = ""


@dataclass(frozen=True)
class Failure:
    """An error that was raised while the message was handled.

    `type` and `text` are those of the error; `file` and `line` the place in the service where it was raised; `trace` the
    traceback from the handler on.
    """

    type: str
    text: str
    file: str
    line: int
    trace: str


@dataclass(frozen=True)
class Cause:
    """A message in the chain from the input to the message that was answered."""

    seq: int
    writer: str
    type: str
    subject: str


@dataclass(frozen=True)
class Difference:
    """The answers of `service` to the message at `seq` differ from the recorded ones.

    `recorded` and `said` hold the answers that are concerned, as JSON values. `chain` are the causes from the input on; the
    last one is the message that was answered. Of the kind `state`, `changes` has the sum of each table that differs, and
    `rows` the rows that the message wrote into these tables, by table; the difference lies between `after` (exclusive) and
    `seq` if the recording does not hold the state after every message.
    """

    kind: Kind
    service: str
    seq: int
    handler: HandlerPlace
    recorded: tuple[Mapping[str, Any], ...]
    said: tuple[Mapping[str, Any], ...]
    changes: tuple[Change, ...]
    chain: tuple[Cause, ...]
    error: Failure | None = None
    after: int | None = None
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """The type of the message that was answered."""
        return self.chain[-1].type if self.chain else "?"

    def as_json(self) -> dict[str, Any]:
        """Every field as JSON values."""
        return {"cause": self.cause, **asdict(self)}


def changes(recorded: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[Change, ...]:
    """The values that differ between two messages."""
    before, now = dict(_values(recorded)), dict(_values(said))
    found = [
        Change(path, before.get(path), now.get(path))
        for path in sorted({*before, *now})
        if before.get(path) != now.get(path) or type(before.get(path)) is not type(now.get(path))
    ]
    return tuple(one for one in found if one.path not in IMPLIED) or tuple(found)


def _values(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside, with its path; an empty list or object is a value itself."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inside or not value:
        yield path, value
        return
    for key, one in inside:
        yield from _values(one, f"{path}.{key}" if path else str(key))


def only_words_differ(recorded: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether two refusals name the same rule, field and command in other words: that is no other decision."""
    if recorded.get("type") not in REFUSALS or recorded.get("type") != said.get("type"):
        return False
    return all(one.path.startswith("data.message.") for one in changes(recorded, said))


def handler_place(service: Service, cause: Stored) -> HandlerPlace:
    """The handler that answers this message."""
    kind = type_in(cause.subject)
    message = next((m for m in service.handlers if kind in types_of(m)), None)
    handler = service.handlers[message] if message is not None else None
    registered = _row(service, f"{message.__name__}:") if message is not None else ""
    if kind == DeadlineReached.TYPE:
        deadline = str(data_of(cause).get("kind"))
        handler, registered = service.deadlines.get(deadline), _row(service, f'"{deadline}":')
    if handler is None:
        return HandlerPlace(f"(no handler of {kind})", "", 0)
    inner = inspect.unwrap(handler)
    code = getattr(inner, "__code__", None)
    name = f"{inner.__module__}.{inner.__qualname__}"
    file, line = (relative(code.co_filename), code.co_firstlineno) if code else ("", 0)
    return HandlerPlace(name, file, line, registered)


def _row(service: Service, key: str) -> str:
    """Where this key stands in the table of handlers of the service, which is in the module `handlers` beside its tables."""
    package = service.base.__module__.rpartition(".")[0]
    module = sys.modules.get(f"{package}.handlers")
    if module is None or module.__file__ is None:
        return ""
    file = Path(module.__file__)
    for n, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if re.search(rf"(?<!\w){re.escape(key)}", line):
            return f"{relative(str(file))}:{n}"
    return ""


def relative(file: str) -> str:
    """The file as seen from the current folder, if it lies below; links are followed."""
    path, here = Path(file).resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def failure(error: BaseException, service: Service) -> Failure:
    """The error with the place where the service raised it. The frames of the fold around the handler are left out."""
    frames = list(_frames(error.__traceback__))
    domain = Path(inspect.getfile(service.base)).resolve().parent
    own = [n for n, (frame, _) in enumerate(frames) if Path(frame).resolve().is_relative_to(domain)]
    file, line = frames[own[-1] if own else -1] if frames else ("", 0)
    begin = error.__traceback__
    for _ in range(own[0] if own else 0):
        begin = begin.tb_next if begin is not None else None
    trace = "".join(traceback.format_exception(type(error), error, begin))
    return Failure(type(error).__name__, str(error), relative(file) if file else "", line, trace)


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def chain_of(recording: Recording, cause: Stored) -> tuple[Cause, ...]:
    """The message and what it came from, the input first."""
    chain: list[Cause] = []
    at: Stored | None = cause
    while at is not None and len(chain) < 100:
        body = body_of(at)
        known = (str(body.get(name, "?")) for name in ("writer", "type", "subject"))
        chain.insert(0, Cause(at.seq, *known))
        at = recording.by_id.get(str(body.get("causationid")))
    return tuple(chain)


def bodies(messages: Sequence[bytes]) -> tuple[Mapping[str, Any], ...]:
    """The messages as JSON values."""
    return tuple(body_of(Stored(0, "", data)) for data in messages)
