"""The kind of entity about which each event is: every event has one, and services keep to it in all recordings."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts.kinds import kind_of, kinds
from microgov.contracts.message import Event
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.model import Entity, Said
from microgov.services.chassis.recording import recording
from microgov.services.chassis.replay.feeding import feed, prepare
from microgov.services.chassis.store.engine import engine

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*.ndjson"))


def test_every_event_has_a_kind_of_entity() -> None:
    assert set(kinds()) == {message.TYPE for message in every_message() if message.KIND == "event"}
    assert all(kinds().values())


def test_each_class_of_entity_emits_events_of_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    original_say = Entity.say

    def record_and_say(self: Any, event: Event) -> Said:
        said[self.CALLED].add(kind_of(type(event)))
        return original_say(self, event)

    monkeypatch.setattr(Entity, "say", record_and_say)
    for path in LOGS:
        for _ in _replayed(path):
            pass

    assert {name: found for name, found in said.items() if len(found) > 1} == {}
    assert {"Issue", "Ballot", "Topic", "Meeting", "Order", "Proposal", "CareTeam", "Person"} <= set(said)
    assert len({next(iter(found)) for found in said.values()}) == len(said)


def _replayed(path: Path) -> Iterator[object]:
    """Replays the recording through every service, message by message."""
    found = recording.read(path)
    for service in FOLDS:
        made = engine("sqlite://")
        prepare(made, service)
        yield from feed(service, found, made)
        made.dispose()
