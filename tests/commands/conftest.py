"""The command line against a tenant on SQLite, whose services run in this process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from microgov.__main__ import run
from microgov.text.sentences import use_local_time
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

NUMBERS = count(1)


class CommandOutput(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


class CommandLine:
    """Runs `microgov` in a thread: `say` with any arguments; a call of the object adds `--tenant`."""

    def __init__(self, tenant: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.tenant, self.capsys = tenant, capsys

    async def say(self, *arguments: str) -> CommandOutput:
        self.capsys.readouterr()
        code = await asyncio.to_thread(run, list(arguments))
        return CommandOutput(code, *self.capsys.readouterr())

    async def __call__(self, *arguments: str) -> CommandOutput:
        """Runs a command for this tenant."""
        return await self.say(*arguments, "--tenant", self.tenant)


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    """A command switches to its tenant's local time for the whole process; each test starts with UTC again."""
    yield
    use_local_time(timedelta(0))


@pytest.fixture
async def line(
    nats_server: NatsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[CommandLine]:
    tenant = f"line{next(NUMBERS)}"
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    async with deployed(
        nats_server.url, f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite", tmp_path, tenant
    ):
        made = CommandLine(tenant, capsys)
        assert (await made("status", "--wait", "30")).code == 0
        yield made


@pytest.fixture
def data_folder(nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own as MICROGOV_VAR, with the broker that all tests share."""
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    return tmp_path
