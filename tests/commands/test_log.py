"""A log as a file, at the command line: recorded, verified, replayed."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.chassis.recording import recording as recordings
from tests.commands.conftest import CommandLine
from tests.support.ports import free_port

LOGS = Path(__file__).parents[1] / "logs"
ORDER = str(LOGS / "order.ndjson")


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICROGOV_LANG", raising=False)


def test_a_database_out_of_reach_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"postgresql+psycopg://me:secret@127.0.0.1:{free_port()}/replay_{{service}}"

    assert run(["log", "replay", ORDER, "--database", url]) == 1

    said = capsys.readouterr().err
    assert "无法使用数据库" in said
    assert "cannot be used" in said
    assert "memory" in said
    assert "replay_directory" in said
    assert "Traceback" not in said
    assert "secret" not in said
    assert len(said.strip().splitlines()) == 2


@pytest.mark.parametrize("url", ["nope", "oracle9://somewhere", "postgresql+psycopg://me@127.0.0.1/{what}"])
def test_an_invalid_database_url_is_wrong_usage(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "replay", ORDER, "--database", url]) == 2

    said = capsys.readouterr().err
    assert f"--database {url}" in said
    assert "memory" in said
    assert "{service}" in said


def broken(folder: Path) -> str:
    """A recording with one message taken out."""
    whole, file = recordings.read(Path(ORDER)), folder / "broken.ndjson"
    recordings.write(file, whole.tenant, [*whole.messages[:5], *whole.messages[6:]], whole.states)
    return str(file)


def test_only_findings_are_on_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = run(["log", "verify", ORDER]), *capsys.readouterr()
    wrong = run(["log", "verify", broken(tmp_path)]), *capsys.readouterr()
    same = run(["log", "replay", ORDER, "--database", "memory"]), *capsys.readouterr()

    assert whole[0] == 0
    assert "完好" in whole[1]
    assert "all is well" in whole[1]
    assert len(whole[1].splitlines()) == 1
    assert wrong[0] == 1
    assert "gateway 6 to 6 are missing" in wrong[1]
    assert "完好" not in wrong[1]
    assert same[0] == 0
    assert "memory" in same[1]
    assert "状态一致" in same[1]
    assert "the same state" in same[1]
    assert (whole[2], wrong[2], same[2]) == ("", "", "")
    assert not [line for line in (whole[1] + wrong[1] + same[1]).splitlines() if not line.strip()]


def test_one_language_is_enough(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MICROGOV_LANG", "en")

    assert run(["log", "verify", ORDER]) == 0
    assert "完好" not in capsys.readouterr().out


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "verify", str(tmp_path / "none.ndjson")]) == 1
    assert run(["log", "record", str(tmp_path / "none" / "made.ndjson")]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 4
    assert "无法读取" in said.err
    assert "cannot be read" in said.err
    assert f"{tmp_path / 'none'} is no folder" in said.err


async def test_a_log_is_recorded_from_the_tenant_that_is_named(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "made.ndjson", tmp_path / "other.ndjson"
    short = await line.say("log", "record", str(file), "-t", line.tenant)
    monkeypatch.setenv("MICROGOV_TENANT", line.tenant)
    named = await line.say("log", "record", str(other))
    checked = await line.say("log", "verify", str(file), "--json")

    assert (short.code, named.code, checked.code) == (0, 0, 0)
    assert file.read_bytes() == other.read_bytes()
    assert short.err == named.err == ""
    assert f"{file}" in short.out
    assert "条消息" in short.out
    assert "messages" in short.out
    assert json.loads(checked.out)["wrong"] == []


async def test_a_running_service_whose_rows_are_not_those_of_a_replay_is_named(
    line: CommandLine, tmp_path: Path
) -> None:
    """Somebody has written into the database by hand."""
    database = tmp_path / "gateway" / f"{line.tenant}.sqlite"
    with closing(sqlite3.connect(database)) as c, c:
        assert c.execute("UPDATE place SET name = 'another'").rowcount > 0

    made = await line("log", "record", str(tmp_path / "made.ndjson"))

    assert made.code == 1
    assert "directory" in made.out
    assert "(tables place)" in made.out
    assert (tmp_path / "made.ndjson").exists()


def test_a_replay_prints_what_it_has_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    whole, foreign = recordings.read(Path(ORDER)), tmp_path / "foreign.ndjson"
    answers = sum(len(whole.by(fold)) for fold in ("directory", "issues", "matching", "notify"))
    theirs = [m._replace(subject=m.subject.replace("-order.", "-other.")) for m in whole.messages]
    recordings.write(foreign, whole.tenant, theirs, {})

    assert run(["log", "replay", ORDER, "--database", "memory"]) == 0
    assert (
        f"{len(whole.messages)} messages, {answers} answers of 3 services: the same messages"
        in capsys.readouterr().out
    )
    assert run(["log", "replay", ORDER, "--database", "memory", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["messages"], report["answers"], report["services"]) == (len(whole.messages), answers, 3)
    assert run(["log", "replay", str(foreign), "--database", "memory"]) == 1
    assert "of another tenant" in capsys.readouterr().out
    assert run(["log", "verify", str(foreign)]) == 1
