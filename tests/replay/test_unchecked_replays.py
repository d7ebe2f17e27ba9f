"""A replay fails if it checked nothing: unknown writers and types, removed services, handlers that end the process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.model import Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.recording.verifying import foreign_parts
from microgov.testing.replay import Replay
from tests.replay.test_recordings import ISSUES, PATCH, checked


def changed(recording: Recording, old: bytes, new: bytes) -> Recording:
    """The same with every message's subject and bytes changed."""
    messages = (
        Stored(m.seq, m.subject.replace(old.decode(), new.decode()), m.data.replace(old, new))
        for m in recording.messages
    )
    return replace(recording, messages=tuple(messages))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"-patch.issues.", b"-patch.tools.", "tools is no writer of this house"),
        (
            b"issues.cosign_issue.v1",
            b"issues.cosign_issue.v9",
            "issues.cosign_issue.v9 is of no type that this version knows",
        ),
        (b"log.rec-", b"log.other-", "of another tenant"),
    ],
    ids=["writer", "type", "tenant"],
)
def test_a_replay_without_known_writers_or_types_fails(
    old: bytes, new: bytes, named: str, tmp_path: Path
) -> None:
    strange = changed(recordings.read(PATCH), old, new)
    database = {"sqlite": {service.name: f"sqlite:///{tmp_path}/{service.name}.sqlite" for service in FOLDS}}

    with pytest.raises(AssertionError, match=named):
        Replay(strange, database).assert_same_messages()


def test_a_replay_of_a_removed_service_fails() -> None:
    recording = recordings.read(PATCH)

    said = list(foreign_parts(recording, [service.name for service in FOLDS if service.name != "notify"]))

    assert any("notify is no writer" in line for line in said)
    assert any("state of notify" in line for line in said)
    assert list(foreign_parts(recording, [service.name for service in FOLDS])) == []
    nothing = replace(recording, messages=())
    assert any(
        "nothing to compare" in line for line in foreign_parts(nothing, [service.name for service in FOLDS])
    )


@pytest.mark.parametrize(("end", "kind"), [(SystemExit, "otherwise"), (KeyboardInterrupt, "interrupted")])
def test_a_handler_that_ends_the_process_is_a_difference(end: type[BaseException], kind: str) -> None:
    def ends(m: Any, s: Any) -> Iterator[Said]:
        raise end
        yield

    recording = recordings.read(PATCH)
    wrong = replace(ISSUES, handlers={**ISSUES.handlers, issues.TriageIssue: ends})

    found = checked(wrong, recording)

    assert found is not None
    assert found.kind == kind
    assert found.handler.name.endswith("ends")
    assert found.cause == "issues.triage_issue.v1"
