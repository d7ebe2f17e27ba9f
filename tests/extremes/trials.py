"""Decides which messages of which stories are varied, and with which values."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from microgov.contracts.message import REGISTRY, Message, canonical, plain
from microgov.contracts.registry import every_message
from microgov.contracts.validation.incoming import check
from microgov.contracts.validation.invalid_message import InvalidMessage
from microgov.services.chassis.fold import behaviour
from microgov.services.chassis.recording import recording as recordings
from tests.extremes import values
from tests.extremes.stories import LOGS, Body, TriedStory, stories

WITHOUT_EFFECT_HERE = frozenset({"log.retry_message.v1", "log.discard_message.v1", "log.set_clock.v1"})
"""Commands about quarantined messages and simulated clocks, which do not exist in the recordings."""


class Trial(NamedTuple):
    """The input at index `at` of a story, which is sent with varied values; `first`: it is the first of its type."""

    story: TriedStory
    at: int
    first: bool = True


def sendable() -> list[type[Message]]:
    return [cls for cls in every_message() if cls.ROLES and cls.KIND != "question"]


@cache
def trials() -> dict[str, list[Trial]]:
    """For every message type and section of the rules: the first and the last story in which the message is not refused."""
    found: dict[str, list[Trial]] = {}
    for story in stories():
        refused, here = _refusals(story.recording), set[str]()
        for at, body in enumerate(story.inputs):
            if body["writer"] == "gateway" and body["id"] not in refused and kind(body) not in here:
                here.add(kind(body))
                found.setdefault(kind(body), []).append(Trial(story, at))
    return {name: _first_and_last(all_) for name, all_ in found.items()}


def _first_and_last(of: list[Trial]) -> list[Trial]:
    recorded = [trial for trial in of if trial.story.name == trial.story.recording]
    return [recorded[0], *(last._replace(first=False) for last in recorded[1:][-1:])] if recorded else of[:1]


def kind(body: Body) -> str:
    section = body["data"].get("content", {}).get("section")
    return f"{body['type']} {section}" if section else str(body["type"])


@cache
def _refusals(name: str) -> frozenset[str]:
    messages = recordings.read(LOGS / f"{name}.ndjson").messages
    bodies = [orjson.loads(one.data) for one in messages if ".log." in one.subject]
    return frozenset(
        body["causationid"] for body in bodies if "refused" in body["type"] or "ignored" in body["type"]
    )


def variants(trial: Trial, every: bool) -> Iterator[tuple[str, Body]]:
    """The varied inputs with a name each: those that the door accepts, then those that only an earlier door accepted."""
    body = trial.story.inputs[trial.at]
    cls, data = REGISTRY[body["type"]], body["data"]
    tried, long = {canonical(data)}, False
    for name, given in _changes(values.door_schema(cls), data, trial.first, every):
        let = None if long and name.startswith("long") else _accepted_by_door(body, given)
        long = long or (let is not None and name.startswith("long"))
        if let is not None and canonical(let) not in tried:
            tried.add(canonical(let))
            yield name, {**body, "data": let}
    yield from _accepted_earlier(cls, body)


def _changes(
    schema: dict[str, Any], data: dict[str, Any], first: bool, every: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The varied data by name. The lengths of texts and lists are tried only in the `first` story of a type, each id only
    if `every` is set too.
    """
    if first:
        yield "short", values.changed(schema, data, values.shortest)
        for most in (500, 30, 3):
            yield f"long, lists of {most}", values.changed(schema, data, values.LongValues(most), full=True)
    yield "most", values.changed(schema, data, values.LongValues(2, numbers=True), full=True)
    for path, node in values.leaves(schema, data):
        for name, value in values.bounds_of(node) if (first and every) or not values.is_id(node) else ():
            yield f"{path} {name}", values.changed(schema, data, values.ValueAt(path, value), full=True)


def _accepted_earlier(cls: type[Message], body: Body) -> Iterator[tuple[str, Body]]:
    """Inputs with values that only an earlier door accepted, and that a log may contain."""
    now = dict(values.leaves(values.door_schema(cls), body["data"]))
    for path, node in values.leaves(values.log_schema(cls), body["data"]):
        for name, value in values.bounds_of(node) if node != now[path] else ():
            given = values.changed(
                values.log_schema(cls), body["data"], values.ValueAt(path, value), full=True
            )
            try:
                yield (
                    f"{path} {name} accepted earlier",
                    {**body, "data": plain(cls.model_validate_json(canonical(given)))},
                )
            except ValidationError:  # the fields contradict each other
                continue


def _accepted_by_door(body: Body, data: dict[str, Any]) -> dict[str, Any] | None:
    """The data as it would be in the log; None if the door refuses it, or a `behaviour` that no service knows."""
    sent = {"specversion": "1.0", "id": "a-1", "source": "/portal", "type": body["type"], "data": data}
    try:
        let = plain(check(canonical(sent)).data)
        return None if let.get("content", {}).get("behaviour", 0) > behaviour.highest_known() else let
    except InvalidMessage as bad:
        if bad.code in ("bad_value", "too_large"):
            return None
        raise AssertionError(f"{body['type']}: a value at its bound is refused: {bad}") from bad
