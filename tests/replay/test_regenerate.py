"""A recording is regenerated from its inputs: what is meant to change changes, and the result replays."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.folds import FOLDS
from microgov.services.chassis.log import body_of, id_of
from microgov.services.chassis.model import Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.audit import Audit
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.regenerate import regenerate
from microgov.services.chassis.replay import replay as replaying
from microgov.services.chassis.replay.replay import Database
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine
from tests.replay.test_comparison import ISSUES, PATCH, answering, none, twice

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*.ndjson"))
MEMORY = Database("memory", lambda service: engine("sqlite://"), batch=1)


def among(changed: Service) -> list[Service]:
    """All services, this one in place of the one of its name."""
    return [changed if service.name == changed.name else service for service in FOLDS]


def differences(recording: Recording, services: list[Service]) -> list[Any]:
    """Where the services answer otherwise than the recording, whose state is not compared."""
    return replaying.replay(replace(recording, states={}), services, [MEMORY]).differences


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_unchanged_services_regenerate_the_same_recording(path: Path) -> None:
    recording = recordings.read(path)

    made = regenerate(recording, FOLDS)

    assert made.left_out == ()
    assert [m.subject for m in made.recording.messages] == [m.subject for m in recording.messages]
    assert [m.data for m in made.recording.messages] == [m.data for m in recording.messages]


@pytest.mark.parametrize("change", [none, twice], ids=["fewer", "more"])
def test_another_number_of_answers_gives_a_recording_that_replays_and_is_whole(change: Any) -> None:
    recording = recordings.read(PATCH)
    changed = among(answering(ISSUES, issues.CosignIssue, change))
    assert differences(recording, changed) != []

    made = regenerate(recording, changed).recording

    assert differences(made, changed) == []
    audit = Audit()
    for stored in made.messages:
        audit.take(stored)
    assert audit.findings == []
    assert [m.seq for m in made.messages] == list(range(1, len(made.messages) + 1))


def test_what_follows_from_a_new_answer_is_in_the_new_recording() -> None:
    """Without the event that reports a result nobody is notified of it, and the reports of deliveries have no cause."""
    recording = recordings.read(PATCH)
    silent = among(answering(ISSUES, issues.ReportResult, none))

    made = regenerate(recording, silent)

    names = {m.subject.split(".", 3)[3] for m in made.recording.messages}
    assert "issues.result_reported.v1" not in names
    ids = {id_of(m) for m in made.recording.messages}
    causes = {body_of(m).get("causationid") for m in made.recording.messages} - {None}
    assert causes <= ids
    assert differences(made.recording, silent) == []


def test_a_handler_that_was_mended_answers_in_the_new_recording() -> None:
    def raises(said: list[Said]) -> list[Said]:
        raise ZeroDivisionError

    recording = recordings.read(PATCH)
    broken = regenerate(recording, among(answering(ISSUES, issues.CosignIssue, raises))).recording
    assert any(m.subject.endswith("message_quarantined.v1") for m in broken.messages)

    mended = regenerate(broken, FOLDS).recording

    assert not any(m.subject.endswith("message_quarantined.v1") for m in mended.messages)
    assert differences(mended, list(FOLDS)) == []
