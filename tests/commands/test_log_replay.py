"""`microgov log replay` of a recording that differs: what it says, what `--all`, `--words`, `--json` and `--update` do."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording

PATCH = Path(__file__).parents[1] / "logs" / "vegetable-patch.ndjson"
MEMORY = ("--database", "memory")


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "en")


def written(recording: Recording, file: Path) -> str:
    """The recording as a file; returns its name."""
    recordings.write(file, recording.tenant, recording.messages, recording.states, recording.open)
    return str(file)


def outdated(file: Path, *changed: tuple[bytes, bytes, str]) -> str:
    """A recording of other services: old bytes, new bytes, and the end of the subjects at which they are replaced."""
    whole = recordings.read(PATCH)
    messages = list(whole.messages)
    for old, new, subject in changed:
        messages = [
            Stored(m.seq, m.subject, m.data.replace(old, new)) if m.subject.endswith(subject) else m
            for m in messages
        ]
    return written(replace(whole, messages=tuple(messages)), file)


COSIGNED = (b'"people":1', b'"people":9', "issues.issue_cosigned.v1")
CLOSED = (b'"outcome":"resolved"', b'"outcome":"mediated"', "issues.issue_closed.v1")
REFUSED = (b"Every matter", b"Each matter", "log.command_refused.v1")


def test_the_first_difference_is_shown_and_all_of_them_if_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = outdated(tmp_path / "old.ndjson", COSIGNED, CLOSED)

    assert run(["log", "replay", file, *MEMORY]) == 1
    first = capsys.readouterr().out
    assert run(["log", "replay", file, *MEMORY, "--all"]) == 1
    every = capsys.readouterr().out

    assert "issues.issue_cosigned.v1 differs in data.people" in first
    assert "data.people: 9 → 1" in first
    assert "issue_closed" not in first
    assert "issues.issue_closed.v1 differs in data.outcome" in every
    assert "mend the handler" in first


def test_for_programs_a_difference_has_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = outdated(tmp_path / "old.ndjson", COSIGNED)

    assert run(["log", "replay", file, *MEMORY, "--json"]) == 1

    said = json.loads(capsys.readouterr().out)
    (found,) = said["differences"]
    assert {name: found[name] for name in ("kind", "service", "cause", "databases", "error")} == {
        "kind": "changed",
        "service": "issues",
        "cause": "issues.cosign_issue.v1",
        "databases": ["memory"],
        "error": None,
    }
    assert found["changes"] == [{"path": "data.people", "recorded": 9, "said": 1}]
    assert found["handler"]["file"] == "services/issues/issue/cosigning.py"
    assert found["recorded"][0]["type"] == "issues.issue_cosigned.v1"
    assert said["problems"] == []


def test_other_words_of_a_refusal_are_counted_and_differ_only_if_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = outdated(tmp_path / "old.ndjson", REFUSED)

    assert run(["log", "replay", file, *MEMORY]) == 0
    assert "1 refusals differ in their words alone" in capsys.readouterr().out
    assert run(["log", "replay", file, *MEMORY, "--words"]) == 1
    assert "data.message.en: " in capsys.readouterr().out


def test_an_update_shows_what_differs_and_writes_after_a_yes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "old.ndjson"
    outdated(file, COSIGNED, REFUSED)
    before = file.read_bytes()

    monkeypatch.setattr("typer.confirm", lambda question: False)
    assert run(["log", "replay", str(file), *MEMORY, "--update"]) == 1
    assert "data.people: 9 → 1" in capsys.readouterr().out
    assert file.read_bytes() == before

    assert run(["log", "replay", str(file), *MEMORY, "--update", "--yes"]) == 0
    assert "is updated" in capsys.readouterr().out
    assert recordings.read(file).messages == recordings.read(PATCH).messages
    assert run(["log", "replay", str(file)]) == 0


def test_a_program_says_yes_to_an_update_and_gets_json_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.ndjson"
    outdated(file, COSIGNED)
    before = file.read_bytes()

    assert run(["log", "replay", str(file), *MEMORY, "--update", "--json"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert file.read_bytes() == before

    assert run(["log", "replay", str(file), *MEMORY, "--update", "--json", "--yes"]) == 0
    assert len(json.loads(capsys.readouterr().out)["differences"]) == 1
    assert recordings.read(file).messages == recordings.read(PATCH).messages
    assert run(["log", "replay", str(file), *MEMORY, "--json", "--against", str(tmp_path)]) == 2
    assert "leave --json out" in capsys.readouterr().err


def test_a_damaged_recording_is_not_updated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = recordings.read(PATCH)
    file = tmp_path / "damaged.ndjson"
    written(replace(whole, messages=(*whole.messages[:5], *whole.messages[6:])), file)
    before = file.read_bytes()

    assert run(["log", "replay", str(file), *MEMORY, "--update", "--yes"]) == 2

    assert "was not updated" in capsys.readouterr().err
    assert file.read_bytes() == before
