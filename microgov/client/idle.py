"""Checks that an installation is not running; a copy made while it changes would be worthless."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microgov.client.connection import COMPOSE, address
from microgov.services.chassis.errors import Again, Problem
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.gateway.accounts.permissions import OPERATOR

SHUT_DOWN = 1
"""The state that PostgreSQL writes to its control file at the end of a clean stop."""


@contextmanager
def hold_lock(var: Path) -> Iterator[None]:
    """Holds the lock of `make up` on the folder. Raises Problem if something runs on it."""
    lock = os.open(var / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise still_running("它的 `make up`", "its `make up`") from error
        for pid, file in open_files(var):
            raise still_running(f"进程 {pid} 打开着 {file}", f"the process {pid} has {file} open")
        yield
    finally:
        os.close(lock)


async def check_no_broker(settings: Settings) -> None:
    """Raises Problem if a broker accepts the operator's credentials: the installation is running somewhere."""
    try:
        await (await Bus.connect(address(settings, OPERATOR), "copy")).close()
    except Again as error:
        if not isinstance(error.__cause__, TimeoutError):  # a broker that hangs is running
            return
    raise still_running(f"消息服务器 {settings.nats_url}", f"the broker at {settings.nats_url}")


@contextmanager
def postgres_shut_down(data: Path) -> Iterator[None]:
    """Raises Problem if PostgreSQL runs on these files, or was not stopped cleanly, before or after the block."""
    _check_shut_down(data)
    yield
    _check_shut_down(data)


def _check_shut_down(data: Path) -> None:
    for control in data.rglob("global/pg_control"):
        if int.from_bytes(control.read_bytes()[16:20], "little") != SHUT_DOWN:
            raise still_running(
                "PostgreSQL（或未正常停止）",
                "PostgreSQL (or it was not stopped cleanly)",
                f"{COMPOSE} up --wait; {COMPOSE} stop",
            )


def still_running(zh: str, en: str, stop: str = f"ctrl-C; {COMPOSE} stop") -> Problem:
    """The problem that the installation is running."""
    return Problem(
        f"这套服务正在运行：{zh}。运行中的复制不可信。请先停止（{stop}），再复制。",
        f"The system is running: {en}. A copy of a running system cannot be trusted. Stop it first ({stop}).",
    )


def open_files(folder: Path) -> Iterator[tuple[int, str]]:
    """Yields (process id, file) for files of the folder that are open, as far as Linux shows them to this user."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        pid = int(link.parts[2])
        try:
            file = str(link.readlink())
        except OSError:
            continue
        if file.startswith(f"{folder}/") and pid != os.getpid():
            yield pid, file
