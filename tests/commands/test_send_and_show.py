"""The most used commands: what is typed, what is printed, and the exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from microgov.__main__ import COMMANDS, application, run
from tests.commands.conftest import CommandLine
from tests.support.ports import free_port


def message(id: str, kind: str, subject: str, by: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/me",
        "type": kind,
        "subject": subject,
        "authid": by,
        "data": data,
    }


def write(folder: Path, *messages: Any) -> str:
    file = folder / "messages.ndjson"
    file.write_text("\n".join(json.dumps(m) for m in messages), "utf-8")
    return str(file)


async def test_a_story_is_played_and_its_entities_can_be_shown(line: CommandLine) -> None:
    played = await line("demo", "vegetable-patch", "--prefix", "v", "--lang", "en")
    issue = await line("show", "issue", "v-patch", "--json")
    inbox = await line("inbox", "v-liu", "--most", "3")
    words = await line("tail", "--entity", "v-patch", "--lang", "en")
    votes = await line("tail", "--type", "VoteCast", "--json")
    checked = await line("check", "--json")

    assert (played.code, issue.code, inbox.code, words.code, votes.code, checked.code) == (0,) * 6, played.err
    assert "Every matter is deliberated" in played.out
    assert "nothing stands twice" in played.out
    assert json.loads(issue.out)["state"] == "closed"
    assert "已办结" in inbox.out
    assert "v-wang (resident): the issue v-patch, 南门边的菜地, is submitted by v-wang" in words.out
    assert [json.loads(one)["event"]["data"]["person"] for one in votes.out.splitlines()].count("v-wang") == 2
    assert json.loads(checked.out)["ok"] is True


async def test_messages_from_a_file_get_their_receipts(line: CommandLine, tmp_path: Path) -> None:
    person = message("a-1", "directory.register_person.v1", "p-1", "office", household="h", place=line.tenant)
    role = message("a-2", "directory.grant_role.v1", "p-1", "office", role="resident", place=line.tenant)
    issue = message(
        "a-3", "issues.submit_issue.v1", "veg", "p-1", title="t", text="x", place=line.tenant, channel="app"
    )
    closing = message("a-4", "issues.accept_issue.v1", "veg", "p-1")

    many = await line("send", write(tmp_path, person, role, issue), "--json")
    again = await line("send", write(tmp_path, [person, closing]))
    alone = await line("send", write(tmp_path, issue | {"id": "a-5"}))
    fresh = await line("send", write(tmp_path, issue | {"id": "a-7", "subject": "veg-2"}))
    bad = await line("send", write(tmp_path, issue | {"id": "a-6", "data": {"title": "t"}}))

    receipts = [json.loads(one) for one in many.out.splitlines()]
    assert many.code == 0
    assert [r["status"] for r in receipts] == ["accepted"] * 3
    assert again.code == 1
    assert "role_missing" in again.out
    assert "1 of 2 messages are stored in the log" in again.out
    assert "共 2 条，已存入日志 1 条，此前已发送 1 条。" in again.out
    assert "accepted" not in again.out
    assert alone.code == 1
    assert "already_exists" in alone.out
    first, last = alone.out.splitlines()
    assert first.startswith("a-5 已存入日志第 ")
    assert "a-5 is stored, place " in first
    assert "accepted" not in first
    assert last.startswith("被拒绝（already_exists）")
    assert "refused (already_exists)" in last
    assert "a-7 is stored, place " in fresh.out.splitlines()[0]
    assert fresh.code == 0
    assert fresh.out.splitlines()[1].startswith("已受理：")
    assert "accepted: the issue veg-2" in fresh.out
    assert bad.code == 1
    assert "Message 1: data.text" in bad.err
    assert "第 1 条" in bad.err


async def test_refusals_and_messages_sent_before_are_reported_among_many(
    line: CommandLine, tmp_path: Path
) -> None:
    def issue(id: str, place: str) -> dict[str, Any]:
        return message(
            id,
            "issues.submit_issue.v1",
            f"v-{id}",
            "office",
            title="t",
            text="x",
            place=place,
            channel="phone",
        )

    mixed = write(tmp_path, issue("b-1", line.tenant), issue("b-2", "nowhere"), issue("b-3", line.tenant))
    many = await line("send", mixed, "--lang", "en")
    plain = await line("send", mixed, "--json")
    again = await line("send", write(tmp_path, issue("b-1", "nowhere")), "--lang", "en")
    unfit = await line(
        "send", write(tmp_path, issue("b-4", "No Place"), issue("b-5", line.tenant), {"id": "b-6"})
    )
    nothing = await line("tail", "--entity", "no-such-thing", "--lang", "en")

    assert unfit.code == 1
    assert "Message 1: data.place must be small letters, digits and hyphens" in unfit.err
    assert "Message 3: " in unfit.err
    assert "2 of 3 are not fit; nothing was sent." in unfit.err
    assert nothing.code == 0
    assert "There is no such message in the log of" in nothing.out

    assert many.code == plain.code == 1
    assert many.out.splitlines()[0].startswith("b-2 refused (unknown_place)")
    assert "unknown_place" in many.out
    assert "3 of 3 messages are stored in the log; the services refused 1." in many.out
    assert [json.loads(one).get("type") for one in plain.out.splitlines()][-1] == "log.command_refused.v1"
    assert again.code == 0
    assert "b-1 was sent before" in again.out
    assert "accepted: " not in again.out


async def test_the_clock_moves_forward_only_and_status_shows_it(line: CommandLine) -> None:
    moved = await line("clock", "advance", "--by", "1d12h")
    back = await line("clock", "advance", "--to", "2026-03-01T00:00:00Z")
    shown = await line("clock", "show", "--json")
    status = await line("status", "--json")

    assert (moved.code, back.code) == (0, 1)
    assert "clock_backwards" not in back.err
    assert "moves forward only" in back.err
    assert json.loads(shown.out)["now"] == "2026-03-03T12:00:00+00:00"
    services = json.loads(status.out)["services"]
    assert status.code == 0
    assert {s["now"] for s in services} == {"2026-03-03T12:00:00Z"}
    assert len(services) == 4


async def test_a_contact_is_kept_out_of_the_log_and_its_secret_is_shown_once(
    line: CommandLine, tmp_path: Path
) -> None:
    person = message("a-1", "directory.register_person.v1", "p-1", "office", household="h", place=line.tenant)
    role = message("a-2", "directory.grant_role.v1", "p-1", "office", role="resident", place=line.tenant)
    await line("send", write(tmp_path, person, role))

    made = await line("contact", "set", "--person", "p-1", "--webhook", "http://127.0.0.1:9/hook", "--json")
    unknown = await line("contact", "set", "--person", "p-2", "--webhook", "http://127.0.0.1:9/hook")
    log = await line("tail", "--from", "1", "--json")

    secret = json.loads(made.out)["secret"]
    assert made.code == 0
    assert secret.startswith("whsec_")
    assert unknown.code == 1
    assert "not registered" in unknown.err
    assert "contact_registered" in log.out
    assert secret not in log.out
    assert "127.0.0.1:9" not in log.out


async def test_the_inbox_of_an_unknown_person_is_an_error_and_an_empty_inbox_is_not(
    line: CommandLine, tmp_path: Path
) -> None:
    person = message("a-1", "directory.register_person.v1", "p-1", "office", household="h", place=line.tenant)
    await line("send", write(tmp_path, person))

    nobody, empty = await line("inbox", "nobody"), await line("inbox", "p-1", "--lang", "en")

    assert nobody.code == 1
    assert "nobody 尚未登记" in nobody.err
    assert "nobody is not registered" in nobody.err
    assert empty.code == 0
    assert "0 of 0 notices" in empty.out


async def test_an_empty_quarantine_is_reported(line: CommandLine) -> None:
    listed, shown = await line("quarantine", "list"), await line("quarantine", "show", "issues", "3")
    retried, nobody = (
        await line("quarantine", "retry", "issues", "3"),
        await line("quarantine", "retry", "nobody", "3"),
    )

    assert (listed.code, shown.code, retried.code, nobody.code) == (0, 1, 1, 2)
    assert "not_quarantined" in retried.out


def test_a_broker_that_is_away_is_one_sentence_and_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", f"nats://127.0.0.1:{free_port()}")

    assert run(["check"]) == 3
    assert run(["status", "--tenant", "demo"]) == 3
    assert run(["nonsense"]) == 2

    said = capsys.readouterr().err
    assert "`make up`" in said
    assert "连不上消息服务器" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    group = [info for info in application(command).registered_groups if info.name == command]
    subcommands = [
        one for info in group if info.typer_instance for one in info.typer_instance.registered_commands
    ]

    help = " ".join([capsys.readouterr().out, *(one.epilog or "" for one in subcommands)])
    assert all(f"microgov {command}" in (one.epilog or "") for one in subcommands)
    assert f"microgov {command}" in help
    assert "exit" in help.lower()
    assert all("示例" in (one.epilog or "") and "退出码" in (one.epilog or "") for one in subcommands)
