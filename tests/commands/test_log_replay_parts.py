"""`microgov log replay` of some services, up to a message, or about one entity: it says truthfully what was compared."""

import json
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.replay import checkpoints
from tests.commands.test_log_replay import PATCH

MEMORY = ["--database", "memory"]
WHOLE = recordings.read(PATCH)
MESSAGES = [*WHOLE.messages]


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "en")


def seq_of(name: str) -> int:
    return next(m.seq for m in MESSAGES if m.subject.endswith(f".{name}.v1"))


COSIGNED, VOTED = seq_of("issues.issue_cosigned"), seq_of("issues.vote_cast")


def changed(file: Path, seq: int, before: bytes, after: bytes) -> Path:
    """The recording with another message at this sequence."""
    other: Stored = MESSAGES[seq - 1]._replace(data=MESSAGES[seq - 1].data.replace(before, after))
    assert other != MESSAGES[seq - 1]
    recordings.write(file, WHOLE.tenant, [*MESSAGES[: seq - 1], other, *MESSAGES[seq:]], WHOLE.states)
    return file


def said(capsys: pytest.CaptureFixture[str], file: Path, *options: str, code: int = 0) -> str:
    assert run(["log", "replay", str(file), *MEMORY, *options]) == code
    return capsys.readouterr().out


def test_one_service_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = changed(tmp_path / "wrong.ndjson", COSIGNED, b'"people":1', b'"people":2')
    many = sum(1 for _ in WHOLE.by("notify"))

    line = said(capsys, PATCH, "--only", "notify").splitlines()[-1]
    assert (
        line
        == f"{len(MESSAGES)} messages, {many} answers of 1 services: the same messages and the same state"
    )
    assert "--update" in said(capsys, wrong, "--only", "notify", "--only", "issues", code=1)
    found = json.loads(said(capsys, wrong, "--only", "notify", "--json"))
    assert found["differences"] == []
    assert list(found["states"]["memory"]) == ["notify"]


def test_a_service_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "replay", str(PATCH), "--only", "isues"]) == 2
    assert "issues" in capsys.readouterr().err


def test_up_to_a_message_compares_its_answers_and_the_state_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cause = COSIGNED - 1
    wrong = changed(tmp_path / "wrong.ndjson", COSIGNED, b'"people":1', b'"people":2')

    line = said(capsys, PATCH, "--upto", str(cause)).splitlines()[-1]
    assert line.startswith(f"{cause} messages, ")
    assert line.endswith("the same messages and the same state")
    assert "data.people" in said(capsys, wrong, "--upto", str(cause), code=1)
    assert said(capsys, wrong, "--upto", str(cause - 1))


def test_another_state_up_to_a_message_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = {
        name: [
            (seq, {**tables, "issue": "f" * 16} if "issue" in tables and seq > COSIGNED else tables)
            for seq, tables in some
        ]
        for name, some in WHOLE.states.items()
    }
    recordings.write(tmp_path / "other.ndjson", WHOLE.tenant, MESSAGES, states)
    other = tmp_path / "other.ndjson"

    assert said(capsys, other, "--upto", str(COSIGNED), "--database", "sqlite")
    assert "issue" in said(capsys, other, code=1)


def test_where_the_recording_holds_no_state_none_is_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    no_state = "the recording holds no state there, so none was compared"
    monkeypatch.setattr(checkpoints, "EACH_UP_TO", 10)
    assert no_state in said(capsys, PATCH, "--upto", str(COSIGNED))
    assert no_state not in said(capsys, PATCH, "--upto", str(len(MESSAGES)))


def test_about_an_entity_other_differences_are_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = changed(tmp_path / "wrong.ndjson", VOTED, b'"flowers"', b'"fountains"')
    person = "vegetable-li"
    about = sum(1 for m in MESSAGES if f'"{person}"'.encode() in m.data and ".gateway." not in m.subject)
    assert said(capsys, wrong, code=1)

    line = said(capsys, wrong, "--entity", person, "--all").splitlines()[-1]
    assert f" {about} answers of 3 services that name {person}: the same messages; " in line
    assert line.endswith("other answers and the state were not compared")
    assert "fountains" in said(capsys, wrong, "--entity", "flowers", code=1)
    assert "fountains" in said(capsys, wrong, "--entity", "vegetable-ballot", code=1)


def test_an_entity_that_is_not_there_gets_suggestions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "replay", str(PATCH), "--entity", "vegetable-path"]) == 1
    assert "vegetable-patch" in capsys.readouterr().err


def test_nothing_compared_is_not_green(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no answer to compare" in said(
        capsys, PATCH, "--only", "matching", "--entity", "vegetable-li", code=1
    )


@pytest.mark.parametrize("part", [["--only", "issues"], ["--upto", "7"], ["--entity", "vegetable-patch"]])
def test_a_part_cannot_update_the_whole(part: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = PATCH.read_bytes()

    assert run(["log", "replay", str(PATCH), "--update", "--yes", *part]) == 2
    assert "--update" in capsys.readouterr().err
    assert PATCH.read_bytes() == before
