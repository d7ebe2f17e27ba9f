"""Damage to a recording is named for what it is, with the line or the sequence, and never as a traceback."""

from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.damage import BadRecording
from microgov.services.chassis.recording.verifying import foreign_parts, verify
from tests.replay.damaged_recordings import BODY, DAMAGED, HARMLESS, WHOLE, sealed


def findings(file: Path) -> list[str]:
    """What is said of the file, as the command and the fixture ask for it."""
    every_message()
    try:
        recording = recordings.read(file)
    except BadRecording as bad:
        return [str(bad)]
    return [*foreign_parts(recording, [service.name for service in FOLDS]), *verify(recording)]


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named(name: str, tmp_path: Path) -> None:
    data, words = DAMAGED[name]
    file = tmp_path / "damaged.ndjson"
    file.write_bytes(data)

    said = findings(file)

    assert any(words in one for one in said), said


@pytest.mark.parametrize("name", HARMLESS)
def test_what_an_editor_or_git_does_to_newlines_does_no_harm(name: str, tmp_path: Path) -> None:
    file = tmp_path / "harmless.ndjson"
    file.write_bytes(HARMLESS[name])

    assert findings(file) == []


def test_a_whole_recording_has_no_findings(tmp_path: Path) -> None:
    file = tmp_path / "whole.ndjson"
    for data in (WHOLE, sealed(BODY)):
        file.write_bytes(data)
        assert findings(file) == []


@pytest.mark.parametrize("command", ["verify", "replay", "coverage"])
def test_the_commands_say_it_in_one_sentence(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "damaged.ndjson"
    file.write_bytes(DAMAGED["header without tenant"][0])

    assert run(["log", command, str(file)]) == 1

    said = capsys.readouterr().err
    assert "the header names no tenant" in said
    assert "Traceback" not in said
