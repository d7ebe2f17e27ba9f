"""Whatever is not as it should be ends in a sentence that says what to do, in both languages, and never in a traceback."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from microgov.__main__ import run
from microgov.client import operator, publisher, waiting
from microgov.client.connection import connection_settings
from microgov.commands import base
from microgov.services.gateway.accounts.compose_secrets import make
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.gateway.accounts.streams import in_stream
from tests.commands.conftest import Line
from tests.commands.test_commands import message, write
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

HOSTED = (("status",), ("clock", "show"), ("rebuild", "issues"), ("due",))
DEEP = 100_000


@pytest.fixture
def elsewhere(nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `var` of this test's own, with the broker of all."""
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    return tmp_path


async def test_send_without_the_gateway_says_that_it_waits_and_that_nothing_is_lost(
    nats_server: NatsServer,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(publisher, "PATIENCE", 1.0)
    monkeypatch.setattr(waiting, "MOMENT", 0.2)
    place = (nats_server.url, f"sqlite:///{elsewhere}/{{service}}/{{tenant}}.sqlite", elsewhere, "quiet")
    some = [
        message(f"q-{n}", "directory.register_person.v1", f"p-{n}", "office", household="h", place="quiet")
        for n in range(600)
    ]
    async with deployed(*place, only=()):
        begun = time.monotonic()
        code = await asyncio.to_thread(run, ["send", write(elsewhere, *some), "--tenant", "quiet"])
        took, said = time.monotonic() - begun, capsys.readouterr()

    assert code == 1
    assert took < 8
    assert "正在等待门户的回执" in said.err
    assert "Waiting for the receipt of the door" in said.err
    assert "Of 600 messages 500 were sent and 0 have their receipt" in said.err
    assert "sending it once more is harmless" in said.err
    assert "再发一次也无妨" in said.err
    assert "Traceback" not in said.err
    async with deployed(*place) as back:
        assert await asyncio.to_thread(run, ["send", write(elsewhere, *some), "--tenant", "quiet"]) == 0
        await back.quiet()
        registered = [
            m["subject"] for m in await back.everything() if m["type"] == "directory.person_registered.v1"
        ]
    assert sorted(registered) == sorted({"office", *(f"p-{n}" for n in range(600))})


async def test_a_broker_that_refuses_to_store_is_not_away(
    nats_server: NatsServer,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(operator, "PATIENCE", 0.5)
    monkeypatch.setattr(operator.OperatorClient._patiently, "__defaults__", (0.5,))
    one = message("f-1", "directory.register_person.v1", "p-1", "office", household="h", place="full")
    place = (nats_server.url, f"sqlite:///{elsewhere}/{{service}}/{{tenant}}.sqlite", elsewhere, "full")
    async with deployed(*place, only=()) as made:
        await made.nc.jetstream().update_stream(in_stream("full", "cli", max_bytes=1))
        code = await asyncio.to_thread(run, ["send", write(elsewhere, one), "--tenant", "full"])

    said = capsys.readouterr().err
    assert code == 1
    assert "refuses: maximum bytes exceeded" in said
    assert "disk is full" in said
    assert "is away" not in said


@pytest.mark.parametrize(
    "text",
    [
        "[tenants]\ndonghu = {\n",
        "[tenants]\ndonghu = { simulated_clock = 7 }\n",
        "tenants = 5\n",
        "[tenants]\ndonghu = 5\n",
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("command", HOSTED)
def test_a_broken_file_of_tenants_is_named_with_what_a_line_looks_like(
    elsewhere: Path, text: str | bytes, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    file = elsewhere / "tenants.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())

    code, said = run([*command]), capsys.readouterr()

    assert code in (1, 2)
    assert str(file) in said.err
    assert "Traceback" not in said.out + said.err
    assert len(said.err.splitlines()) == 2
    if isinstance(text, str) and "{" in text:
        assert "at line 2" in said.err
        assert "donghu = { simulated_clock = false }" in said.err


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("status", "--tenant", "donghu"), "secrets/nats_operator"),
        (("tail",), "secrets/nats_operator"),
        (("publishers", "list"), "nats/publishers.toml"),
        (("publishers", "rotate", "cli"), "nats/accounts.conf"),
        (("publishers", "rotate", "cli"), "secrets/nats_cli"),
        (("publishers", "rotate", "cli"), "nats/publishers.toml"),
        (("publishers", "revoke", "cli"), "nats/.lock"),
        (("status",), "tenants.toml"),
        (("tenant", "add", "xx"), "nats/nats.conf"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    elsewhere: Path, command: tuple[str, ...], file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Credentials(elsewhere / "nats", elsewhere / "secrets").prepare(["donghu"])
    spoiled = elsewhere / file
    spoiled.unlink(missing_ok=True)
    spoiled.mkdir()  # not even root can read or replace it

    code, said = run([*command]), capsys.readouterr()

    assert code in (1, 3), said.err
    assert str(spoiled) in said.err, said.err
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) == 2


def test_a_password_that_is_missing_and_a_url_that_is_none_are_named(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "tenants.toml").write_text("[tenants]\ndonghu = {}\n")
    monkeypatch.setenv("MICROGOV_DATABASE", "postgresql+psycopg://x@127.0.0.1:1/{service}_{tenant}")
    monkeypatch.setenv("MICROGOV_DATABASE_PASSWORD_FILE", str(elsewhere / "none"))
    assert run(["rebuild", "issues"]) == 1
    assert f"{elsewhere / 'none'} is missing" in capsys.readouterr().err

    for url in ("nonsense", "mysql+nope://x", "postgresql+psycopg://x@h:port/{nope}"):
        monkeypatch.setenv("MICROGOV_DATABASE", url)
        assert run(["rebuild", "issues"]) == 1
        said = capsys.readouterr().err
        assert "MICROGOV_DATABASE is no database URL" in said
        assert "Traceback" not in said
        assert url not in said

    monkeypatch.setenv("MICROGOV_DATABASE", "postgresql+psycopg://x@127.0.0.1:1/{service}_{tenant}")
    monkeypatch.delenv("MICROGOV_DATABASE_PASSWORD_FILE")
    assert run(["rebuild", "issues"]) == 1
    said = capsys.readouterr().err
    assert "127.0.0.1:1/issues_donghu cannot be used: " in said
    assert "Traceback" not in said


def test_a_file_that_is_nested_too_deep_is_refused(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = elsewhere / "deep"
    deep.write_text("[" * DEEP + "]" * DEEP)

    codes = [
        run(["send", str(deep)]),
        run(["rules", "apply", str(deep)]),
        run(["import", "organisations", str(deep)]),
        run(["plan", "--community", "x", "--so-far", str(deep)]),
    ]
    deep.write_text('{"a":' * DEEP)
    codes += [run(["send", str(deep)]), run(["rules", "apply", str(deep)])]

    said = capsys.readouterr().err
    assert all(code in (1, 2) for code in codes), codes
    assert "Traceback" not in said
    assert "RecursionError: " not in said
    assert "nested too deep" in said


def test_what_nobody_foresaw_is_a_sentence_and_the_traceback_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise ZeroDivisionError("by [bold]nought[/link]")

    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    assert base.ended(fails) == 70
    short = capsys.readouterr().err
    assert "ZeroDivisionError: by [bold]nought[/link]" in short
    assert "MICROGOV_LOG_LEVEL=debug" in short
    assert "Traceback" not in short

    monkeypatch.setenv("MICROGOV_LOG_LEVEL", "debug")
    assert base.ended(fails) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_house_that_is_elsewhere_gets_no_second_one_here(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(elsewhere / "compose")
    monkeypatch.setenv("MICROGOV_SECRETS", str(elsewhere / "compose"))
    (elsewhere / "tenants.toml").write_text("[tenants]\ndemo = { simulated_clock = true }\n")
    before = sorted(elsewhere.rglob("*"))

    assert run(["tenant", "add", "xihu"]) == 2
    assert run(["rebuild", "issues", "--tenant", "demo"]) == 2
    said = capsys.readouterr().err
    assert "docker compose -f deploy/compose.yaml run --rm cli tenant add xihu" in said
    assert "run --rm cli rebuild issues --tenant demo" in said
    assert sorted(elsewhere.rglob("*")) == before


async def test_a_folder_of_an_earlier_make_up_does_not_redirect_who_names_other_secrets(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    Credentials(elsewhere / "nats", elsewhere / "secrets").prepare(["old"])
    Credentials(elsewhere / "nats", elsewhere / "secrets").write_server(port=4999, store_dir="/nowhere")
    monkeypatch.delenv("MICROGOV_NATS_URL")
    monkeypatch.delenv("MICROGOV_NATS_PORT", raising=False)
    assert connection_settings().nats_url == "nats://127.0.0.1:4999"

    monkeypatch.setenv("MICROGOV_SECRETS", str(elsewhere / "compose"))
    found = connection_settings()
    assert (found.nats_url, found.publishers) == ("nats://127.0.0.1:4222", elsewhere / "compose" / "nats")
    assert found.hosted() == []


async def test_what_people_wrote_is_shown_as_it_stands_everywhere(line: Line, tmp_path: Path) -> None:
    title = "[/bold]门[link=u]看[/link][red]:bus:"
    person = message("a-1", "directory.register_person.v1", "p-1", "office", household="h", place=line.tenant)
    role = message("a-2", "directory.grant_role.v1", "p-1", "office", role="resident", place=line.tenant)
    issue = message(
        "a-3",
        "issues.submit_issue.v1",
        "veg",
        "p-1",
        title=title,
        text=title,
        place=line.tenant,
        channel="app",
    )
    place = message("a-4", "directory.define_place.v1", "yard", "office", name=title, parent=line.tenant)
    place["data"]["kind"] = "community"
    branch = [
        message("a-5", "directory.register_person.v1", "p-2", "office", household="h", place=line.tenant),
        message("a-6", "directory.grant_role.v1", "p-2", "office", role="branch", place=line.tenant),
    ]
    accepted = message("a-7", "issues.accept_issue.v1", "veg", "p-2")
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"section: issues\nno_such_field: '{title}'\n", "utf-8")
    listed = tmp_path / "o.csv"
    listed.write_text(f"id,name,kind\norg-1,{title},{title}\n", "utf-8")

    sent = await line("send", write(tmp_path, person, role, place, issue, *branch, accepted))
    alone = await line("send", write(tmp_path, issue | {"id": "a-8", "subject": "veg-2"}))
    refused = await line("send", write(tmp_path, issue | {"id": title}))
    said = [
        await line(*words)
        for words in (
            ("show", "issue", "veg"),
            ("list", "issues"),
            ("tail", "--from", "1"),
            ("inbox", "p-1"),
            ("show", "issue", title),
            ("rules", "apply", str(rules)),
            ("import", "organisations", str(listed)),
            ("quarantine", "show", "issues", "3"),
            ("household", "read", "h", "--by", title, "--why", "care"),
            ("tail", "--type", title),
            ("publishers", "revoke", title),
            ("demo", "order", "--prefix", title),
            ("log", "verify", title),
            ("clock", "advance", "--to", title),
            ("send", str(tmp_path / title)),
        )
    ]

    assert sent.code == 0, sent
    everything = "".join(one.out + one.err for one in (sent, alone, refused, *said))
    assert "Traceback" not in everything
    assert "MarkupError" not in everything
    assert "\x1b" not in everything
    assert [one.code for one in said if one.code == 70] == []
    for one in (alone, *said[:4]):
        assert title in one.out, one
    assert json.dumps(title, ensure_ascii=False)[1:-1] in (await line("show", "issue", "veg", "--json")).out


def test_no_command_reads_marks_into_what_people_wrote() -> None:
    """One terminal for all (`base.Terminal`), and nobody turns marks on again: a title would style, link or break it."""
    sources = {path: path.read_text("utf-8") for path in (Path(base.__file__).parents[1]).rglob("*.py")}
    spellings = ("from_markup", "markup=True", "emoji=True", "rich.markup", "rich import print", "print_json")

    assert {str(path) for path, text in sources.items() for one in spellings if one in text} == set()
    made = [path.name for path, text in sources.items() if "Console(" in text.replace("(Console)", "")]
    assert made == []
    columns = [line for text in sources.values() for line in text.splitlines() if "TextColumn(" in line]
    assert columns
    assert all("markup=False" in line for line in columns)
