"""Every command reports a tenant that does not exist with the same sentence."""

import asyncio
import json
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.services.gateway.accounts.credentials import Credentials
from tests.commands.conftest import CommandLine
from tests.support.servers import NatsServer

MESSAGE = {
    "specversion": "1.0",
    "id": "a",
    "source": "/me",
    "type": "issues.accept_issue.v1",
    "subject": "veg",
    "authid": "office",
    "data": {},
}
SPAN = ("--from", "2026-03-01T00:00:00Z", "--to", "2026-04-01T00:00:00Z")
COMMANDS = (
    ("status",),
    ("status", "--wait", "0.3"),
    ("tail",),
    ("tail", "--follow"),
    ("check",),
    ("inbox", "p-1"),
    ("show", "issue", "veg-1"),
    ("show", "topic", "t-1"),
    ("list", "issues"),
    ("due",),
    ("rates", *SPAN),
    ("show", "order", "o-1"),
    ("show", "offer", "o-1"),
    ("list", "offers"),
    ("waitlist", "o-1"),
    ("send", "FILE"),
    ("demo", "order"),
    ("clock", "show"),
    ("clock", "advance", "--by", "1d"),
    ("rules", "show"),
    ("rules", "apply", "RULES"),
    ("quarantine", "list"),
    ("quarantine", "show", "issues", "1"),
    ("quarantine", "retry", "issues", "1"),
    ("contact", "set", "--person", "p-1", "--webhook", "http://127.0.0.1:9/"),
    ("log", "record", "MADE"),
    ("rebuild", "issues"),
    ("publishers", "add", "portal"),
)


def with_files(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    """The arguments, with paths of files in place of FILE, RULES and MADE."""
    files = {"FILE": folder / "message.json", "RULES": folder / "rules.yaml", "MADE": folder / "made.ndjson"}
    files["FILE"].write_text(json.dumps(MESSAGE), "utf-8")
    files["RULES"].write_text("section: deliberation\nquorum: 5\n", "utf-8")
    return [str(files.get(one, one)) for one in arguments]


async def test_a_tenant_that_is_not_there_is_the_same_sentence_everywhere(
    line: CommandLine, tmp_path: Path
) -> None:
    Credentials(tmp_path / "nats", tmp_path / "kept").prepare(
        [line.tenant]
    )  # their secrets are not what line connects with

    said = {
        arguments: await line.say(*with_files(tmp_path, arguments), "--tenant", "nope")
        for arguments in COMMANDS
    }

    assert {arguments: one.code for arguments, one in said.items() if one.code != 2} == {}
    assert {one.err for one in said.values()} == {
        f"没有租户 nope（现有：{line.tenant}）。请用 --tenant 指定其一，或运行 `microgov tenant add nope`。\n"
        f"There is no tenant nope; there is {line.tenant}. Name one with --tenant, or run `microgov tenant add nope`.\n"
    }
    assert {one.out for one in said.values()} == {""}
    assert not (tmp_path / "issues/nope.sqlite").exists()


def test_where_no_tenant_is_known_here_the_broker_is_asked(
    nats_server: NatsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)

    assert [run([*command, "--tenant", "nope"]) for command in (["tail"], ["check"])] == [2, 2]
    assert capsys.readouterr().err.count("`microgov tenant add nope`") == 4


async def test_status_waits_for_the_first_tenant_to_be_set_up(line: CommandLine, tmp_path: Path) -> None:
    there, away = tmp_path / "tenants.toml", tmp_path / "later.toml"
    there.rename(away)
    assert (await line.say("status")).code == 1

    asked = asyncio.create_task(line.say("status", "--wait", "20"))
    await asyncio.sleep(0.5)
    away.rename(there)

    assert (await asked).code == 0


async def test_a_tenant_keeps_its_kind_of_clock(line: CommandLine, tmp_path: Path) -> None:
    kept = (tmp_path / "tenants.toml").read_text()

    refused = await line.say("tenant", "add", line.tenant)
    again = await line.say("tenant", "add", line.tenant, "--simulated-clock")

    assert (refused.code, again.code) == (1, 0), (refused, again)
    assert "has a simulated clock, which cannot be changed" in refused.err
    assert (tmp_path / "tenants.toml").read_text() == kept
