"""The inputs that the extreme values are tried in: those of every recorded story, and of every variation of one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from microgov.contracts.ids import outside_id
from microgov.contracts.message import Message, plain
from microgov.contracts.registry import every_message
from microgov.services.chassis.installed import fold_names
from microgov.services.chassis.recording import recording as recordings
from tests.extremes.issue_variations import ISSUE_VARIATIONS
from tests.extremes.matching_variations import MATCHING_VARIATIONS
from tests.extremes.variation import Variation

LOGS = Path(__file__).parents[1] / "logs"
TOO_LONG = ("fair", "campaign")
"""Recordings that are left out: they would take too long, and shorter ones contain the same steps."""
Body = dict[str, Any]


class TriedStory(NamedTuple):
    """The inputs of a tenant in their order, without deadlines: the deployment under test reports those by itself."""

    name: str
    recording: str
    tenant: str
    inputs: list[Body]


@cache
def stories() -> tuple[TriedStory, ...]:
    """The recorded stories, then the variations."""
    every_message()
    recorded = {
        path.stem: recorded_story(path) for path in sorted(LOGS.glob("*.ndjson")) if path.stem not in TOO_LONG
    }
    return (
        *recorded.values(),
        *(
            varied(n, variation, recorded[variation.recording])
            for n, variation in enumerate((*ISSUE_VARIATIONS, *MATCHING_VARIATIONS))
        ),
    )


def recorded_story(path: Path) -> TriedStory:
    recording = recordings.read(path)
    bodies = (orjson.loads(stored.data) | {"seq": stored.seq} for stored in recording.messages)
    return TriedStory(path.stem, path.stem, recording.tenant, [body for body in bodies if _is_input(body)])


def _is_input(body: Body) -> bool:
    return body["writer"] not in fold_names() and not body["type"].startswith(
        ("log.deadline_reached.", "log.set_clock.")
    )


def varied(n: int, variation: Variation, story: TriedStory) -> TriedStory:
    """The story with the steps of the variation in it; the inputs after them are sent later by the same time."""
    at = next(at for at, body in enumerate(story.inputs, 1) if body["seq"] == variation.seq)
    begin, rest, passed = story.inputs[:at], story.inputs[at:], timedelta(0)
    for k, (hours, message, subject, by) in enumerate(variation.steps):
        passed += timedelta(hours=hours)
        begin.append(
            _sent(
                begin, message, subject, by, time_of(story.inputs[at - 1]) + passed, f"{n}-{k}", story.tenant
            )
        )
    name = f"{story.name}-{variation.seq}-{type(variation.steps[0][1]).__name__}"
    return TriedStory(name, story.name, story.tenant, begin + later(rest, passed))


def _sent(
    before: Iterable[Body], message: Message, subject: str, by: str, at: Any, name: str, tenant: str
) -> Body:
    role = next(
        (
            one["role"]
            for one in reversed([*before])
            if one["authid"] == by and one.get("role") in message.ROLES
        ),
        sorted(message.ROLES)[0].value,
    )
    id, time = outside_id(tenant, "turn", name), at.isoformat().replace("+00:00", "Z")
    return {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "source": "/turn",
        "id": id,
        "correlationid": id,
        "type": message.TYPE,
        "subject": subject,
        "time": time,
        "recordedtime": time,
        "tenant": tenant,
        "writer": "gateway",
        "sequence": "0" * 18 + "1",
        "authid": by,
        "authtype": "app_user",
        "role": role,
        "scope": tenant,
        "publisher": "cli",
        "publisherid": name,
        "data": plain(message),
    }


def time_of(body: Body) -> datetime:
    """When the message was recorded."""
    return datetime.fromisoformat(body["recordedtime"])


def later(bodies: Sequence[Body], by: timedelta) -> list[Body]:
    """The same inputs, with all times later by `by`."""
    return [
        {**body, "recordedtime": (time_of(body) + by).isoformat().replace("+00:00", "Z")} for body in bodies
    ]
