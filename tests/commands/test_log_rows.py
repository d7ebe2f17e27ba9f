"""`microgov log rows`, and the rows of another checkout beside those of this one."""

import json
import shutil
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.commands import log_against
from microgov.services.chassis.recording import recording as recordings
from tests.commands.test_log_replay import COSIGNED, MEMORY, PATCH, outdated

ROOT = Path(__file__).parents[2]
COSIGN = next(m.seq for m in recordings.read(PATCH).messages if m.subject.endswith("issues.cosign_issue.v1"))
"""The sequence of the first co-signature in the recording."""


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "en")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Another checkout, in which a co-signature changes the channel of its issue."""
    there = tmp_path / "checkout"
    for name in ("contracts", "services", "microgov", "stories"):
        shutil.copytree(
            ROOT / name, there / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    file = there / "services" / "issues" / "issue" / "cosigning.py"
    text = file.read_text("utf-8")
    moved = "        LIFE.move(issue, m, s)\n        if row is None:\n"
    assert moved in text
    file.write_text(text.replace(moved, f'        issue.channel = "another"\n{moved}'), "utf-8")
    return there


def test_the_rows_after_a_message_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    before = rows(capsys, COSIGN - 1)
    after = rows(capsys, COSIGN)

    people = [[row["people"] for row in found["issue"]] for found in (before, after)]
    assert people == [[0, 0], [0, 1]]
    assert "cosign" not in before
    assert len(after["cosign"]) == 1


def rows(capsys: pytest.CaptureFixture[str], upto: int) -> dict[str, list[dict[str, object]]]:
    assert run(["log", "rows", str(PATCH), "issues", "--upto", str(upto), "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def test_one_table_is_shown_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "rows", str(PATCH), "issues", "--upto", str(COSIGN), "--table", "cosign"]) == 0

    shown = capsys.readouterr().out
    assert "household" in shown
    assert "in_force" in shown


@pytest.mark.parametrize(
    ("arguments", "named"), [(["nothing"], "issues"), (["issues", "--table", "x"], "cosign")]
)
def test_what_is_not_there_is_wrong_usage(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["log", "rows", str(PATCH), *arguments]) == 2

    assert named in capsys.readouterr().err


def test_the_rows_of_another_checkout_stand_beside_ours(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = outdated(tmp_path / "old.ndjson", COSIGNED)

    assert run(["log", "replay", file, *MEMORY, "--against", str(checkout)]) == 1

    said = capsys.readouterr().out
    assert f"1 values differ after {COSIGN}" in said
    line = next(line for line in said.splitlines() if "another" in line)
    assert "channel" in line
    assert line.index("another") < line.index("app")


def test_a_checkout_that_does_not_answer_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = outdated(tmp_path / "old.ndjson", COSIGNED)
    (tmp_path / "microgov").mkdir()
    (tmp_path / "microgov" / "__main__.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(log_against, "PATIENCE", 0.5)

    assert run(["log", "replay", file, *MEMORY, "--against", str(tmp_path)]) == 1

    assert "has not answered within" in capsys.readouterr().err


def test_a_folder_that_is_no_checkout_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = outdated(tmp_path / "old.ndjson", COSIGNED)
    (tmp_path / "microgov").mkdir()
    (tmp_path / "microgov" / "__main__.py").write_text("raise SystemExit(1)")

    assert run(["log", "replay", file, *MEMORY, "--against", str(tmp_path)]) == 1

    said = capsys.readouterr().err
    assert "It must be a checkout of microgov" in said
    assert "Traceback" not in said
