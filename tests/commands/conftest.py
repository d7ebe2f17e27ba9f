"""The command line against a neighbourhood on SQLite: `say` runs it and returns its exit code and what it said."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from microgov.__main__ import run
from microgov.text.sentences import by_wall
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

NUMBERS = count(1)


class Said(NamedTuple):
    """How it ended, and both its streams."""

    code: int
    out: str
    err: str


class Line:
    """A command line for one tenant."""

    def __init__(self, tenant: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.tenant, self.capsys = tenant, capsys

    async def say(self, *arguments: str) -> Said:
        self.capsys.readouterr()
        code = await asyncio.to_thread(run, list(arguments))
        return Said(code, *self.capsys.readouterr())

    async def __call__(self, *arguments: str) -> Said:
        """For this tenant."""
        return await self.say(*arguments, "--tenant", self.tenant)


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    """A command reads times by its tenant's wall clock; what runs after it here begins with UTC again."""
    yield
    by_wall(timedelta(0))


@pytest.fixture
async def line(
    nats_server: NatsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Line]:
    tenant = f"line{next(NUMBERS)}"
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    async with deployed(
        nats_server.url, f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite", tmp_path, tenant
    ):
        made = Line(tenant, capsys)
        assert (await made("status", "--wait", "30")).code == 0
        yield made


@pytest.fixture
def elsewhere(nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `var` of this test's own, with the broker of all."""
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))
    monkeypatch.setenv("MICROGOV_NATS_URL", nats_server.url)
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    return tmp_path
