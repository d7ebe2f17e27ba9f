"""Checks that an installation is not running, before something is done with its files."""

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
        await (await Bus.connect(address(settings, OPERATOR), "idle")).close()
    except Again as error:
        if not isinstance(error.__cause__, TimeoutError):  # a broker that hangs is running
            return
    raise still_running(f"消息服务器 {settings.nats_url}", f"the broker at {settings.nats_url}")


def still_running(zh: str, en: str) -> Problem:
    """The problem that the installation is running."""
    stop = f"ctrl-C; {COMPOSE} stop"
    return Problem(
        f"这套服务正在运行：{zh}。请先停止（{stop}）。",
        f"The system is running: {en}. Stop it first ({stop}).",
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
