"""A command that fails prints in both languages what is wrong and what to do; a traceback is printed only with
MICROGOV_LOG_LEVEL=debug.
"""

import asyncio
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
from tests.commands.test_send_and_show import message, write
from tests.support.deployment import deployed
from tests.support.servers import NatsServer


async def test_send_without_the_gateway_says_that_it_waits_and_that_nothing_is_lost(
    nats_server: NatsServer,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(publisher, "PATIENCE", 1.0)
    monkeypatch.setattr(waiting, "MOMENT", 0.2)
    arguments = (
        nats_server.url,
        f"sqlite:///{data_folder}/{{service}}/{{tenant}}.sqlite",
        data_folder,
        "nogateway",
    )
    some = [
        message(
            f"q-{n}", "directory.register_person.v1", f"p-{n}", "office", household="h", place="nogateway"
        )
        for n in range(600)
    ]
    async with deployed(*arguments, only=()):
        begun = time.monotonic()
        code = await asyncio.to_thread(run, ["send", write(data_folder, *some), "--tenant", "nogateway"])
        took, said = time.monotonic() - begun, capsys.readouterr()

    assert code == 1
    assert took < 8
    assert "正在等待门户的回执" in said.err
    assert "Waiting for the receipt of the door" in said.err
    assert "Of 600 messages 500 were sent and 0 have their receipt" in said.err
    assert "sending it once more is harmless" in said.err
    assert "再发一次也无妨" in said.err
    assert "Traceback" not in said.err
    async with deployed(*arguments) as back:
        assert await asyncio.to_thread(run, ["send", write(data_folder, *some), "--tenant", "nogateway"]) == 0
        await back.quiet()
        registered = [
            m["subject"] for m in await back.everything() if m["type"] == "directory.person_registered.v1"
        ]
    assert sorted(registered) == sorted({"office", *(f"p-{n}" for n in range(600))})


async def test_a_broker_that_refuses_to_store_is_not_away(
    nats_server: NatsServer,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(operator, "PATIENCE", 0.5)
    monkeypatch.setattr(operator.OperatorClient._patiently, "__defaults__", (0.5,))
    one = message("f-1", "directory.register_person.v1", "p-1", "office", household="h", place="full")
    arguments = (
        nats_server.url,
        f"sqlite:///{data_folder}/{{service}}/{{tenant}}.sqlite",
        data_folder,
        "full",
    )
    async with deployed(*arguments, only=()) as deployment:
        await deployment.nc.jetstream().update_stream(in_stream("full", "cli", max_bytes=1))
        code = await asyncio.to_thread(run, ["send", write(data_folder, one), "--tenant", "full"])

    said = capsys.readouterr().err
    assert code == 1
    assert "refuses: maximum bytes exceeded" in said
    assert "disk is full" in said
    assert "is away" not in said


def test_an_unexpected_error_is_one_sentence_and_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise ZeroDivisionError("by [bold]nought[/link]")

    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    assert base.exit_code_of(fails) == 70
    short = capsys.readouterr().err
    assert "ZeroDivisionError: by [bold]nought[/link]" in short
    assert "MICROGOV_LOG_LEVEL=debug" in short
    assert "Traceback" not in short

    monkeypatch.setenv("MICROGOV_LOG_LEVEL", "debug")
    assert base.exit_code_of(fails) == 70
    assert "Traceback" in capsys.readouterr().err


def test_commands_for_a_compose_installation_are_refused_on_the_host(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(data_folder / "compose")
    monkeypatch.setenv("MICROGOV_SECRETS", str(data_folder / "compose"))
    (data_folder / "tenants.toml").write_text("[tenants]\ndemo = { simulated_clock = true }\n")
    before = sorted(data_folder.rglob("*"))

    assert run(["tenant", "add", "xihu"]) == 2
    assert run(["rebuild", "issues", "--tenant", "demo"]) == 2
    said = capsys.readouterr().err
    assert "docker compose -f deploy/compose.yaml run --rm cli tenant add xihu" in said
    assert "run --rm cli rebuild issues --tenant demo" in said
    assert sorted(data_folder.rglob("*")) == before


async def test_the_folder_of_an_earlier_make_up_is_ignored_if_other_secrets_are_named(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    Credentials(data_folder / "nats", data_folder / "secrets").prepare(["old"])
    Credentials(data_folder / "nats", data_folder / "secrets").write_server(port=4999, store_dir="/nowhere")
    monkeypatch.delenv("MICROGOV_NATS_URL")
    monkeypatch.delenv("MICROGOV_NATS_PORT", raising=False)
    assert connection_settings().nats_url == "nats://127.0.0.1:4999"

    monkeypatch.setenv("MICROGOV_SECRETS", str(data_folder / "compose"))
    found = connection_settings()
    assert (found.nats_url, found.publishers) == ("nats://127.0.0.1:4222", data_folder / "compose" / "nats")
    assert found.hosted() == []
