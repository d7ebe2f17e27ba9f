"""A tenant whose log is recorded by processes of the command line, for the tests of `microgov log record`."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from microgov.contracts.directory import DefinePlace
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.recording.zstd import CutOff
from tests.support.deployment import Deployment, OutsideProgram

NUMBERS = count(1)


class RecordedTenant:
    """A tenant to whose log places are added, and the command line on it as processes of their own."""

    def __init__(self, deployment: Deployment, cli: OutsideProgram, folder: Path) -> None:
        self.deployment, self.cli, self.folder = deployment, cli, folder

    async def add(self, many: int) -> None:
        """Defines so many places more."""
        for _ in range(many):
            n, above = next(NUMBERS), self.deployment.tenant.name
            sent = DefinePlace(kind="community", name=f"东湖苑 {n}", parent=above)
            receipt = await self.cli.send(sent, f"place-{n}", role="operator")
            assert receipt["status"] == "accepted", receipt

    async def log(self) -> list[Stored]:
        """The messages in the log."""
        await self.deployment.quiet()
        log = await self.deployment.log()
        end, reader = await log.end(), await log.read(0, None)
        found: list[Stored] = []
        while len(found) < end:
            found += await reader.batch(1000, 1.0)
        await log.close()
        return found

    @asynccontextmanager
    async def command(self, *arguments: str, before: tuple[str, ...] = ()) -> AsyncIterator[Process]:
        """The command line in a process, which is killed at the end if it still runs."""
        settings = self.deployment.settings
        env = {name: value for name, value in os.environ.items() if not name.startswith("MICROGOV_")}
        env |= {
            "MICROGOV_NATS_URL": settings.nats_url,
            "MICROGOV_VAR": str(self.folder),
            "MICROGOV_LANG": "en",
        }
        command = [*before, sys.executable, "-m", "microgov", "log", *arguments]
        process = await asyncio.create_subprocess_exec(*command, env=env, stdout=PIPE, stderr=PIPE)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()

    async def run(self, *arguments: str, before: tuple[str, ...] = ()) -> tuple[int, str]:
        """Runs a command to its end; returns exit code and output."""
        async with self.command(*arguments, before=before) as process:
            return await ended(process)

    def record(self, file: Path, *options: str) -> tuple[str, ...]:
        return "record", str(file), "--tenant", self.deployment.tenant.name, *options


async def ended(process: Process) -> tuple[int, str]:
    """The exit code and the output of a process that ends by itself."""
    async with asyncio.timeout(90):
        said = b"".join(await process.communicate()).decode()
    assert process.returncode is not None
    assert "Traceback" not in said
    return process.returncode, said


def messages_in(file: Path) -> int:
    """How many messages the file holds, also while it is written."""
    found = 0
    try:
        for line in lines_of(file) if file.exists() and file.stat().st_size else ():
            found += line.startswith(b'{"event"') and line.endswith(b"\n")
    except CutOff:
        pass
    return found


async def until(what: Callable[[], bool]) -> None:
    for _ in range(1200):
        if what():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not within a minute")
