"""`microgov log redact`: a recording that may leave the house."""

import json
from pathlib import Path

import pytest

from microgov.__main__ import run
from tests.commands.test_log_replay import outdated

PATCH = str(Path(__file__).parents[1] / "logs" / "vegetable-patch.ndjson")


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "en")


def key(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_a_redacted_recording_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.ndjson"

    assert run(["log", "redact", PATCH, str(new)]) == 0
    assert capsys.readouterr().out == f"{new}: 164 messages, redacted\n"
    assert run(["log", "verify", str(new)]) == 0
    assert run(["log", "replay", str(new)]) == 0
    assert "the same messages and the same state" in capsys.readouterr().out
    text = new.read_text("utf-8")
    assert "vegetable" not in text
    assert "菜地" not in text


def test_the_key_decides_the_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = key(tmp_path, "one.key", b"1" * 32), key(tmp_path, "other.key", b"2" * 32)
    for name, options in (("a", ["--key", one]), ("b", ["--key", one]), ("c", ["--key", other]), ("d", [])):
        assert run(["log", "redact", PATCH, str(tmp_path / name), "--json", *options]) == 0
        assert json.loads(capsys.readouterr().out) == {"messages": 164, "otherwise": []}

    a, b, c, d = ((tmp_path / name).read_bytes() for name in "abcd")
    assert a == b
    assert len({a, c, d}) == 3


def test_what_cannot_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    short = key(tmp_path, "short.key", b"123")

    assert run(["log", "redact", PATCH, str(there)]) == 2
    assert run(["log", "redact", PATCH, str(tmp_path / "new"), "--key", short]) == 2
    assert "it has 3 bytes" in capsys.readouterr().err
    assert run(["log", "redact", PATCH, str(tmp_path / "new"), "--key", str(tmp_path / "none")]) == 2
    assert there.read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_answers_that_are_others_now_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = outdated(tmp_path / "wrong", (b'"people":2', b'"people":7', "issues.issue_cosigned.v1"))

    assert run(["log", "redact", wrong, str(tmp_path / "new")]) == 1
    said = capsys.readouterr().out
    assert "give 1 answers otherwise" in said
    assert "issues.issue_cosigned.v1" in said
