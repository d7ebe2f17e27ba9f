"""What a set of recordings exercises: handlers, deadlines, transitions and refusals of each service.

A replay says nothing about what no recording tries: a rule that no message meets may be loosened, and nothing differs.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from microgov.contracts.log import CommandRefused, DeadlineReached, EventIgnored
from microgov.contracts.message import type_in
from microgov.contracts.versions import types_of
from microgov.services.chassis import model, refusals
from microgov.services.chassis.log import data_of
from microgov.services.chassis.model import Cause, Life
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import feed, prepare, scratch_engine, to_fold
from microgov.services.chassis.service import Service

KINDS = ("handlers", "deadlines", "transitions", "refusals")
CODE_MAKERS = frozenset({"Refused", "Guard"})
"""Calls whose first argument is the code of a refusal."""


@dataclass(frozen=True)
class Coverage:
    """Of one service, by kind: each thing that there is, and whether a recording exercised it."""

    service: str
    found: Mapping[str, Mapping[str, bool]]

    def counts(self, kind: str) -> tuple[int, int]:
        """How many were exercised, and how many there are."""
        return sum(self.found[kind].values()), len(self.found[kind])

    def missing(self, kind: str) -> list[str]:
        """What no recording exercised."""
        return sorted(name for name, covered in self.found[kind].items() if not covered)


def coverage(
    services: Sequence[Service],
    recordings: Sequence[Recording],
    progress: Callable[[str, int, int], None] = lambda service, total, count: None,
) -> list[Coverage]:
    """What the recordings exercise; they are replayed for it. `progress` is called with a service, how many messages it
    folds in all, and how many it has folded since the last call.
    """
    return [_coverage(service, recordings, progress) for service in services]


def _coverage(
    service: Service, recordings: Sequence[Recording], progress: Callable[[str, int, int], None]
) -> Coverage:
    total = sum(to_fold(service, recording) for recording in recordings)
    lives = list(_lives(service))
    answered, deadlines, codes = set[str](), set[str](), set[str]()
    taken: set[tuple[str, str | None, Cause]] = set()
    for recording in recordings:
        model.TAKEN = taken
        try:
            _replay(service, recording, partial(progress, service.name, total))
        finally:
            model.TAKEN = None
        for stored in recording.messages:
            kind = type_in(stored.subject)
            answered.add(kind)
            data = data_of(stored)
            if kind == DeadlineReached.TYPE and data.get("service") == service.name:
                deadlines.add(str(data.get("kind")))
            if kind in (CommandRefused.TYPE, EventIgnored.TYPE) and data.get("service") == service.name:
                codes.add(str(data.get("code")))
    began = {cause for name, state, cause in taken if state is None}
    transitions = {
        f"{life.name}: {state or 'new'} + {_named(cause)}": (life.name, state, cause) in taken
        or (state is None and (cause in began or _named(cause) in answered))
        for life in lives
        for state, cause in life.table
    }
    return Coverage(
        service.name,
        {
            "handlers": {m.TYPE: not answered.isdisjoint(types_of(m)) for m in service.handlers},
            "deadlines": {kind: kind in deadlines for kind in service.deadlines},
            "transitions": transitions,
            "refusals": {code: code in codes for code in {*_codes(service)}},
        },
    )


def _replay(service: Service, recording: Recording, progress: Callable[[int], None]) -> None:
    made = scratch_engine()
    prepare(made, service)
    for _ in feed(service, recording, made, progress):
        pass
    made.dispose()


def _named(cause: Cause) -> str:
    return cause if isinstance(cause, str) else cause.TYPE


def _package(service: Service) -> str:
    return service.base.__module__.rpartition(".")[0] or service.base.__module__


def _lives(service: Service) -> Iterator[Life]:
    """The state machines in the modules of the service, each once."""
    found: dict[int, Life] = {}
    for name, module in sorted(sys.modules.items()):
        if name == _package(service) or name.startswith(f"{_package(service)}."):
            found |= {id(one): one for one in vars(module).values() if isinstance(one, Life)}
    yield from found.values()


def _codes(service: Service) -> Iterator[str]:
    """The codes of all refusals that stand in the files of the service, and of the common ones that it uses. Those of
    questions are left out: no answer to a question is in the log.
    """
    common = dict(_common_codes())
    for file in sorted(Path(inspect.getfile(service.base)).parent.rglob("*.py")):
        if "questions" in (file.stem, file.parent.name):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        yield from _codes_in(tree)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        yield from (code for name, code in common.items() if name in names)


def _common_codes() -> Iterator[tuple[str, str]]:
    """The functions of the chassis that make a refusal, and their codes."""
    for node in ast.parse(inspect.getsource(refusals)).body:
        if isinstance(node, ast.FunctionDef):
            yield from ((node.name, code) for code in _codes_in(node))


def _codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).rpartition(".")[2] in CODE_MAKERS
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
