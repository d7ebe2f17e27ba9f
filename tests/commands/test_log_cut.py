"""`microgov log cut`: one entity of a recording as a recording of its own."""

import json
from errno import ENOSPC
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from microgov.__main__ import run
from microgov.contracts import issues
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.zstd import PlainFile
from microgov.services.chassis.service import several
from microgov.services.issues.handlers import service

PATCH = str(Path(__file__).parents[1] / "logs" / "vegetable-patch.ndjson")
HANDLERS: Any = service.handlers


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "en")


def test_a_cut_says_how_large_it_is_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = str(tmp_path / "small.ndjson")

    assert run(["log", "cut", PATCH, small, "--entity", "vegetable-lamp"]) == 0
    said = capsys.readouterr().out
    many = sum(1 for _ in recordings.read(Path(small)).messages)
    assert f"{small}: {many} messages of 164, 6 inputs of 67" in said
    assert "3 of the 3 answers that name vegetable-lamp are the same as before" in said
    assert run(["log", "verify", small]) == 0
    assert run(["log", "replay", small]) == 0
    assert "the same messages and the same state" in capsys.readouterr().out


def test_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "cut", PATCH, str(tmp_path / "small"), "--entity", "vegetable-lamp", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["inputs"], found["of_inputs"], found["of_messages"]) == (6, 67, 164)
    assert (found["answers"], found["same"], found["other"]) == (3, 3, [])


def test_answers_that_are_others_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = recordings.read(Path(PATCH))
    wrong = [m._replace(data=m.data.replace(b'"people":2', b'"people":7')) for m in whole.messages]
    recordings.write(tmp_path / "wrong", whole.tenant, wrong, whole.states)

    small = tmp_path / "small"
    assert run(["log", "cut", str(tmp_path / "wrong"), str(small), "--entity", "vegetable-patch"]) == 1
    said = capsys.readouterr().out
    assert "issues.issue_cosigned.v1" in said
    assert run(["log", "replay", str(small), "--database", "memory"]) == 0


def test_nothing_is_overwritten_and_an_unknown_entity_gets_suggestions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")

    assert run(["log", "cut", PATCH, str(there), "--entity", "vegetable-lamp"]) == 2
    assert there.read_text() == "mine"
    assert run(["log", "cut", PATCH, str(tmp_path / "no" / "folder"), "--entity", "vegetable-lamp"]) == 2
    assert run(["log", "cut", PATCH, str(tmp_path / "new"), "--entity", "vegetable-lampp"]) == 1
    assert "Is it vegetable-lamp" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_ctrl_c_inside_of_a_handler_ends_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(m: Any, s: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(HANDLERS, issues.SubmitIssue, interrupted)

    assert run(["log", "cut", PATCH, str(tmp_path / "new"), "--entity", "vegetable-lamp"]) == 130
    assert run(["log", "redact", PATCH, str(tmp_path / "new")]) == 130
    assert run(["log", "rows", PATCH, "issues"]) == 130
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", [["cut", "--entity", "vegetable-lamp"], ["redact"]])
def test_on_a_full_disk_nothing_is_left(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: PlainFile, text: bytes) -> None:
        if text.startswith(b'{"event"'):
            raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(PlainFile, "write", full)
    name, *options = command

    assert run(["log", name, PATCH, str(tmp_path / "new"), *options]) == 1

    assert "new cannot be written (No space left on device)" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("command", [["cut", "--entity", "vegetable-lamp"], ["redact"]])
def test_services_that_answer_differently_each_time_are_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written would not replay."""
    before, calls = HANDLERS[issues.SubmitIssue], count()

    def moody(m: Any, s: Any) -> Any:
        for said in several(before(m, s)):
            yield said._replace(event=said.event.model_copy(update={"title": f"{next(calls)}"}))

    monkeypatch.setitem(HANDLERS, issues.SubmitIssue, moody)
    name, *options = command

    assert run(["log", name, PATCH, str(tmp_path / "new"), *options]) == 1

    assert "do not give the same answers twice" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
