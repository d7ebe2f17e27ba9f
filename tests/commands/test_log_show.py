"""`microgov log show`: a recording in words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.chassis.log import Stored, body_of
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.zstd import MAGIC

PATCH = Path(__file__).parents[1] / "logs" / "vegetable-patch.ndjson"
MESSAGES = [*recordings.read(PATCH).messages]


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICROGOV_LANG", raising=False)


def seqs(capsys: pytest.CaptureFixture[str], *options: str) -> list[int]:
    """The sequences of the messages that the command shows."""
    assert run(["log", "show", str(PATCH), "--json", *options]) == 0
    return [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()]


def recorded(wanted: str) -> list[Stored]:
    return [m for m in MESSAGES if m.subject.endswith(f".{wanted}.v1")]


def test_all_messages_are_shown_in_words_and_in_local_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "show", str(PATCH)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(MESSAGES)
    cosigned = next(
        line for line in lines if line.split()[0] == str(recorded("issues.issue_cosigned")[0].seq)
    )
    assert "2026-03-02 08:00" in cosigned  # in the log it is 00:00 in UTC
    assert "附议" in cosigned
    assert "has co-signed vegetable-patch" in cosigned


def test_one_language_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "show", str(PATCH), "--lang", "en"]) == 0
    assert "附议" not in capsys.readouterr().out


def test_the_local_time_follows_the_rules_of_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    advice = recordings.read(PATCH.with_name("advice.ndjson")).messages
    hour, eight = b'"utc_offset_minutes":60', b'"utc_offset_minutes":480'
    moved = [m._replace(data=m.data.replace(eight, hour)) for m in advice]
    assert any(hour in m.data for m in moved)
    recordings.write(tmp_path / "moved.ndjson", "rec", moved, {})

    assert run(["log", "show", str(tmp_path / "moved.ndjson"), "--type", "RoleGranted"]) == 0
    assert "2026-03-02 01:00" in capsys.readouterr().out


def test_messages_are_chosen_by_type_entity_person_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    votes = [m.seq for m in recorded("issues.vote_cast")]
    for name in ("VoteCast", "vote_cast", "issues.vote_cast.v1"):
        assert seqs(capsys, "--type", name) == votes
    assert set(seqs(capsys, "--entity", "flowers")) < {
        m.seq for m in MESSAGES if b'"flowers"' in m.data
    }.union(votes)
    of_li = [
        m.seq for m in MESSAGES if "vegetable-li" in (body_of(m)["authid"], body_of(m).get("onbehalfof"))
    ]
    assert seqs(capsys, "--person", "vegetable-li") == of_li != []
    first, end = "2026-03-03T09:00:00+08:00", "2026-03-03T09:00:01+08:00"
    at_nine = [m.seq for m in MESSAGES if body_of(m)["recordedtime"] == "2026-03-03T01:00:00Z"]
    assert seqs(capsys, "--from", first, "--until", end) == at_nine != []
    assert seqs(capsys, "--from", first, "--until", first) == []
    assert set(seqs(capsys, "--type", "VoteCast", "--person", "vegetable-li")) == {*votes} & {*of_li}


def test_a_message_is_shown_with_its_causes_and_what_followed(capsys: pytest.CaptureFixture[str]) -> None:
    result = recorded("issues.result_reported")[0]
    chain = seqs(capsys, "--seq", str(result.seq))

    (input_,) = recorded("issues.report_result")
    assert chain[0] == input_.seq
    ids = {body_of(m)["id"]: m for m in MESSAGES}
    for seq in chain[2:]:
        assert ids[body_of(MESSAGES[seq - 1])["causationid"]].seq in chain
    notified = [m.seq for m in MESSAGES if body_of(m).get("causationid") == body_of(result)["id"]]
    assert notified
    assert {*notified} < {*chain}


def test_other_answers_of_the_same_cause_are_no_part_of_the_chain(capsys: pytest.CaptureFixture[str]) -> None:
    by_cause: dict[str, list[int]] = {}
    for m in MESSAGES:
        by_cause.setdefault(body_of(m).get("causationid", ""), []).append(m.seq)
    first, second = next(some for cause, some in by_cause.items() if cause and len(some) > 1)[:2]

    assert second not in seqs(capsys, "--seq", str(first))
    assert first not in seqs(capsys, "--seq", str(second))


def test_nothing_to_show_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "show", str(PATCH), "--seq", "4000"]) == 0
    assert "holds no such message" in capsys.readouterr().out


def test_a_type_that_is_not_there_gets_suggestions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "show", str(PATCH), "--type", "VoteCats"]) == 2
    assert "VoteCast" in capsys.readouterr().err


def test_a_file_that_is_cut_off_is_shown_up_to_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.ndjson"
    cut.write_bytes(b"".join(PATCH.read_bytes().splitlines(keepends=True)[:11]))

    assert run(["log", "show", str(cut)]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 10
    assert "cut off" in said.err


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path, options: list[str]) -> None:
    many = tmp_path / "many.ndjson"
    recordings.write(many, "rec", MESSAGES * 20, {})
    command = subprocess.Popen(
        [sys.executable, "-m", "microgov", "log", "show", str(many), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout is not None
    assert command.stderr is not None
    assert command.stdout.readline()
    command.stdout.close()
    assert command.stderr.read() == b""
    assert command.wait() in (0, 1)  # typer ends a command with 1 if nobody reads on
    command.stderr.close()


def test_a_packed_file_that_is_cut_off_in_its_header_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.ndjson.zst"
    cut.write_bytes(MAGIC)

    assert run(["log", "show", str(cut)]) == 1

    assert "cannot be read" in capsys.readouterr().err
