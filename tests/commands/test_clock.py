"""`microgov clock`: a simulated clock needs no confirmation; a real one can be confirmed repeatedly."""

import json
from pathlib import Path

import pytest

from microgov.__main__ import run
from tests.commands.conftest import CommandLine
from tests.support.deployment import deployed
from tests.support.servers import NatsServer


async def test_a_simulated_clock_needs_no_confirming(line: CommandLine) -> None:
    said = await line("clock", "confirm")

    assert said.code == 1
    assert "无需确认" in said.err
    assert "needs no confirming" in said.err


async def test_a_real_clock_can_be_confirmed_repeatedly(
    nats_server: NatsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)
    where = (nats_server.url, f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite", tmp_path, "confirmed")
    async with deployed(*where, simulated=False):
        line = CommandLine("confirmed", capsys)
        first, second = await line("clock", "confirm"), await line("clock", "confirm", "--json")
        status = await line("status", "--wait", "30", "--json")

    report = json.loads(second.out)
    assert first.code == second.code == status.code == 0
    assert "go by this machine's clock now" in first.out
    assert [one["service"] for one in report["confirmed"]] == ["directory", "issues", "matching", "notify"]
    assert [abs(diff["seconds"]) < 60 for one in report["confirmed"] for diff in one["differences"]] == [
        True
    ] * 4
    assert run(["clock", "confirm", "--help"]) == 0
