"""Every recording in tests/logs is a regression test; and the report of a replay after the code has changed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.message import REGISTRY, canonical, type_in
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.model import Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.damage import BadRecording
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.recording.verifying import verify
from microgov.services.chassis.replay.difference import Change, Difference
from microgov.services.chassis.replay.feeding import feed, prepare
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.service import Service, several
from microgov.services.chassis.store.engine import engine
from microgov.services.gateway.courier.free_text import Plan, free_text_mask
from microgov.testing.replay import Replay

LOGS = Path(__file__).parents[1] / "logs"
PATCH = LOGS / "vegetable-patch.ndjson"
ISSUES = next(service for service in FOLDS if service.name == "issues")


@pytest.mark.eventlog(PATCH)
def test_the_vegetable_patch(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.rule("3.3", "I11 a log replayed says and holds the same")
@pytest.mark.eventlog(LOGS / "order.ndjson")
def test_the_order(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "drain.ndjson")
def test_the_drain(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "reopened.ndjson")
def test_the_vegetable_patch_reopened(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "pipe.ndjson")
def test_the_burst_pipe(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "secret.ndjson")
def test_the_card_room(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "quarrel.ndjson")
def test_the_parking_quarrel(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "hotline.ndjson")
def test_the_hotline_case(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "round.ndjson")
def test_the_round_of_visits(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "sheds.ndjson")
def test_the_charging_sheds(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "campaign.ndjson")
def test_the_campaign(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "overhaul.ndjson")
def test_the_overhaul(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.eventlog(LOGS / "roundtable.ndjson")
def test_the_round_table(replay: Replay) -> None:
    replay.assert_same_messages()
    replay.assert_same_state()


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.ndjson")), ids=lambda path: path.stem)
def test_a_recording_is_whole_in_order_and_valid(path: Path) -> None:
    every_message()

    assert list(verify(recordings.read(path))) == []


def checked(service: Service, recording: Recording) -> Difference | None:
    made = engine("sqlite://")
    prepare(made, service)
    return check(service, recording, made)


def test_a_handler_broken_on_purpose_is_named_with_its_first_wrong_message_and_the_causes() -> None:
    whole = ISSUES.handlers[issues.CosignIssue]

    def broken(m: Any, s: Any) -> Iterator[Said]:
        for said in several(whole(m, s)):
            yield said._replace(event=said.event.model_copy(update={"people": 99}))

    recording = recordings.read(PATCH)
    wrong = replace(ISSUES, handlers={**ISSUES.handlers, issues.CosignIssue: broken})

    found = checked(wrong, recording)

    assert found is not None
    assert checked(ISSUES, recording) is None
    first = next(m for m in recording.messages if m.subject.endswith("issues.cosign_issue.v1"))
    assert (found.kind, found.seq) == ("changed", first.seq)
    assert found.changes == (Change("data.people", 1, 99),)
    assert found.handler.name.endswith("broken")
    assert found.handler.file == "tests/replay/test_recordings.py"
    assert [(one.writer, one.type) for one in found.chain] == [("gateway", "issues.cosign_issue.v1")]


def test_a_handler_that_emits_no_event_any_more_is_named() -> None:
    def silent(m: Any, s: Any) -> Iterator[Said]:
        yield from ()

    wrong = replace(ISSUES, handlers={**ISSUES.handlers, issues.AnswerSurvey: silent})

    found = checked(wrong, recordings.read(PATCH))

    assert found is not None
    assert found.kind == "missing"
    assert [one["type"] for one in found.recorded] == ["issues.survey_answered.v1"]


def test_a_handler_that_raises_is_named() -> None:
    def raises(m: Any, s: Any) -> Iterator[Said]:
        raise ZeroDivisionError
        yield

    wrong = replace(ISSUES, handlers={**ISSUES.handlers, issues.TriageIssue: raises})

    found = checked(wrong, recordings.read(PATCH))

    assert found is not None
    assert [one["type"] for one in found.said] == ["log.message_quarantined.v1"]
    assert found.error is not None
    assert found.error.type == "ZeroDivisionError"
    assert found.error.file == "tests/replay/test_recordings.py"
    assert "raise ZeroDivisionError" in found.error.trace


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (b"cosign_issue", b"cosign_issuf", "sha256"),
        (b'"count":', b'"kount":', "no count"),
        (b'"microgov":1', b'"microgov":2', "format"),
    ],
)
def test_a_changed_recording_is_refused(tmp_path: Path, old: bytes, new: bytes, wrong: str) -> None:
    path = tmp_path / "changed.ndjson"
    path.write_bytes(PATCH.read_bytes().replace(old, new, 1))

    with pytest.raises(BadRecording, match=wrong):
        recordings.read(path)


def test_messages_out_of_order_and_missing_numbers_are_named(tmp_path: Path) -> None:
    every_message()
    recording = recordings.read(PATCH)
    swapped = [*recording.messages[:5], *reversed(recording.messages[5:7]), *recording.messages[8:]]
    recordings.write(tmp_path / "swapped.ndjson", recording.tenant, swapped, {})

    wrong = list(verify(recordings.read(tmp_path / "swapped.ndjson")))

    assert any("stands after" in line for line in wrong)
    assert any("are missing" in line for line in wrong)


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.ndjson")), ids=lambda path: path.stem)
@pytest.mark.parametrize("service", FOLDS, ids=lambda service: service.name)
def test_no_handler_decides_on_free_text(path: Path, service: Service) -> None:
    """Every decision stays the same if all free text is replaced by blanks."""
    every_message()
    recording = recordings.read(path)
    blanked = replace(recording, messages=tuple(blank(m) for m in recording.messages))

    made = engine("sqlite://")
    prepare(made, service)
    said = [(one.draft.id, one.draft.subject) for one in feed(service, blanked, made)]

    assert said == [(json.loads(m.data)["id"], m.subject) for m in recording.by(service.name)]


def blank(stored: Stored) -> Stored:
    body = json.loads(stored.data)
    return stored._replace(
        data=canonical(
            {**body, "data": redacted(body["data"], free_text_mask(REGISTRY[type_in(stored.subject)]))}
        )
    )


def redacted(data: Any, by: Plan) -> Any:
    if isinstance(data, list):
        return [redacted(one, by) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        name: blanked(value) if name in by and by[name] is None else redacted(value, by.get(name) or {})
        for name, value in data.items()
    }


def blanked(value: Any) -> Any:
    return ["…" for _ in value] if isinstance(value, list) else "…"
