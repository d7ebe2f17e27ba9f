"""`microgov log record`: redacted at the source, and who recorded what is noted."""

import getpass
import json
import stat
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.chassis.log import body_of
from microgov.services.chassis.recording import recording as recordings
from tests.commands.conftest import CommandLine

TEXT, TITLE = "围栏已建好", "南门菜地"


def notes(var: Path) -> list[dict[str, object]]:
    lines = (var / "log" / "recordings.ndjson").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def holding(folder: Path, data: bytes) -> list[Path]:
    """The files below this folder that hold these bytes."""
    return [file for file in folder.rglob("*") if file.is_file() and data in file.read_bytes()]


async def test_a_recording_is_redacted_before_anything_is_written(line: CommandLine, tmp_path: Path) -> None:
    assert (await line("demo", "vegetable-patch", "--prefix", "old-wang")).code == 0
    there = {*holding(tmp_path, TEXT.encode())}  # the databases of the services
    plain, new = tmp_path / "plain.ndjson", tmp_path / "new.ndjson"

    made = await line("log", "record", str(new), "--redact")

    assert made.code == 0, made
    assert {*holding(tmp_path, TEXT.encode())} == there
    assert holding(tmp_path, b'"microgov"') == [new]  # nothing else is a recording
    messages = [*recordings.read(new).messages]
    data = new.read_bytes()
    for original in (TEXT, TITLE, "old-wang-patch", line.tenant):
        assert original.encode() not in data
    assert (await line("log", "record", str(plain))).code == 0
    assert TEXT.encode() in plain.read_bytes()
    whole = recordings.read(plain).messages
    assert [body_of(m)["type"] for m in whole] == [body_of(m)["type"] for m in messages]
    assert (await line.say("log", "replay", str(new))).code == 0


async def test_who_recorded_what_is_noted(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert (await line("log", "record", str(tmp_path / "one.ndjson"))).code == 0
    monkeypatch.setenv("SUDO_USER", "wang")
    assert (await line("log", "record", str(tmp_path / "two.ndjson"), "--redact")).code == 0

    begun, one, _, two = notes(tmp_path)
    last = max(m.seq for m in recordings.read(tmp_path / "one.ndjson").messages)
    assert str(one.pop("time")).endswith("Z")
    assert one == {
        "user": getpass.getuser(),
        "tenant": line.tenant,
        "file": str(tmp_path / "one.ndjson"),
        "upto": last,
        "redacted": False,
    }
    assert (begun["file"], begun["upto"]) == (one["file"], None)
    assert (two["user"], two["redacted"]) == (f"{getpass.getuser()} (wang)", True)
    assert stat.S_IMODE((tmp_path / "log" / "recordings.ndjson").stat().st_mode) == 0o600


async def test_without_a_note_nothing_is_recorded(line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "log" / "recordings.ndjson").mkdir(parents=True)

    made = await line("log", "record", str(tmp_path / "new.ndjson"))

    assert made.code == 1
    assert "nothing was recorded" in made.err
    assert not (tmp_path / "new.ndjson").exists()


def test_a_redacted_recording_cannot_be_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.ndjson").write_bytes(b"")

    assert run(["log", "record", str(tmp_path / "new.ndjson"), "--redact", "--resume"]) == 2
    assert "cannot be continued" in capsys.readouterr().err


def test_a_key_without_redaction_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my.key").write_bytes(b"1" * 32)

    assert run(["log", "record", str(tmp_path / "new.ndjson"), "--key", str(tmp_path / "my.key")]) == 2
    assert "--redact" in capsys.readouterr().err
