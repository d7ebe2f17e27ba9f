"""The states in a recording: after every message, after every thousandth one, or, in older recordings, one at the end."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.folds import FOLDS
from microgov.services.chassis.model import Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay import checkpoints
from microgov.services.chassis.replay import replay as replaying
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import feed, prepare
from microgov.services.chassis.replay.replay import Database
from microgov.services.chassis.replay.report import Report
from microgov.services.chassis.service import Service, several
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.issue.issue import Issue
from tests.replay import record

LOGS = Path(__file__).parents[1] / "logs"
PATCH = LOGS / "vegetable-patch.ndjson"
MEMORY = Database("memory", lambda service: engine("sqlite://"), batch=1)
ISSUES = next(service for service in FOLDS if service.name == "issues")


def replayed(recording: Recording, *services: Service) -> Report:
    return replaying.replay(recording, services or FOLDS, [MEMORY])


def quietly_wrong() -> Service:
    """A service that answers as recorded and writes one value that was not recorded."""
    whole = ISSUES.handlers[issues.CosignIssue]

    def wrong(m: Any, s: Any) -> list[Said]:
        said = list(several(whole(m, s)))
        s.get(Issue, m.subject).channel = "another"
        return said

    return replace(ISSUES, handlers={**ISSUES.handlers, issues.CosignIssue: wrong})


def test_the_first_message_after_which_a_row_differs_is_named_with_the_row() -> None:
    recording = recordings.read(PATCH)

    ((found, _),) = replayed(recording, quietly_wrong()).differences

    first = next(m for m in recording.messages if m.subject.endswith("issues.cosign_issue.v1"))
    assert (found.kind, found.seq) == ("state", first.seq)
    assert [change.path for change in found.changes] == ["issue"]
    assert [row["channel"] for row in found.rows["issue"]] == ["another"]


def test_a_replay_ends_where_the_state_differs() -> None:
    recording = recordings.read(PATCH)
    counted: list[int] = []

    ((found, _),) = replaying.replay(
        recording, [quietly_wrong()], [MEMORY], progress=lambda database, service, many: counted.append(many)
    ).differences

    types = {m.TYPE for m in ISSUES.handlers}
    before = [m for m in recording.messages if m.seq <= found.seq and m.subject.split(".", 3)[3] in types]
    assert found.kind == "state"
    assert len(before) <= sum(counted) <= len(before) + 2


def test_of_a_long_recording_the_part_is_named_in_which_a_row_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkpoints, "EACH_UP_TO", 100)
    monkeypatch.setattr(checkpoints, "STEP", 50)
    recording = recordings.read(PATCH)
    states = {service.name: states_of(service, recording)[0] for service in FOLDS}
    long = replace(recording, states=states)

    ((found, _),) = replayed(long, quietly_wrong()).differences

    assert len(states["issues"]) < 10
    assert all(seq % 50 == 0 for seq, _ in states["issues"][:-1])
    first = next(m for m in recording.messages if m.subject.endswith("issues.cosign_issue.v1"))
    assert found.kind == "state"
    assert found.after is not None
    assert found.after < first.seq <= found.seq
    assert found.seq - found.after <= 50
    assert replayed(long).same


def test_a_recording_with_digests_alone_is_compared_at_its_end() -> None:
    recording = recordings.read(PATCH)
    digests = {}
    for service in FOLDS:
        made = engine("sqlite://")
        prepare(made, service)
        list(feed(service, recording, made))
        with made.connect() as c:
            digests[service.name] = digest(c, service)
    old = replace(recording, states={}, digests=digests)

    assert replayed(old).same
    wrong = replayed(old, quietly_wrong())
    assert (wrong.differences, [*wrong.other_state]) == ([], ["issues"])


def test_a_recording_without_any_state_is_not_taken_for_the_same() -> None:
    nothing = replace(recordings.read(PATCH), states={}, digests={})

    assert not replayed(nothing).same


def test_the_sums_of_a_replay_equal_those_of_the_tables_that_it_leaves() -> None:
    """The sums in the recording were kept up row by row; those at the end of a replay are read from the tables."""
    recording = recordings.read(PATCH)

    report = replayed(recording)

    for service in FOLDS:
        assert report.states["memory"][service.name] == checkpoints.recorded_tables(recording, service.name)
        assert report.states["memory"][service.name]


def test_a_new_recording_is_listed_and_a_listed_one_keeps_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums, new = tmp_path / "messages.sha256", tmp_path / "new.ndjson"
    sums.write_text(f"{'0' * 64}  vegetable-patch.ndjson\n")
    new.write_bytes(PATCH.read_bytes())
    monkeypatch.setattr(record, "SUMS", sums)

    record.list_new(new)
    record.list_new(PATCH)

    total = json.loads(PATCH.read_bytes().splitlines()[-1])["sha256"]
    assert sums.read_text().splitlines() == [f"{total}  new.ndjson", f"{'0' * 64}  vegetable-patch.ndjson"]


def test_only_trailers_of_recordings_may_change() -> None:
    """A recording is never changed: a new one gets a line in messages.sha256, and an old line stays as it is."""
    found = {}
    for path in sorted(LOGS.glob("*.ndjson")):
        lines = path.read_bytes().splitlines(keepends=True)[1:-1]
        found[path.name] = hashlib.sha256(b"".join(lines)).hexdigest()
        assert json.loads(path.read_bytes().splitlines()[-1])["sha256"] == found[path.name]

    text = "".join(f"{total}  {name}\n" for name, total in found.items())

    assert (LOGS / "messages.sha256").read_text() == text
