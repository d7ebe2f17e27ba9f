"""A real nats-server and a real PostgreSQL for tests, rig and bench; only what was started here is ever killed."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import psutil
import psycopg
from sqlalchemy import make_url

from tests.support.ports import free_port
from tests.support.postgresql import as_user, binaries, unprivileged

NATS_BINARY = Path(sys.executable).parent / "nats-server"
PLAIN_NATS = 'jetstream {{ store_dir: "{store}", sync_interval: always, max_memory_store: 512MB, max_file_store: 100GB }}'


def is_open(port: int) -> bool:
    """Whether a process listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(process: psutil.Process) -> bool:
    """Whether the process still runs; a zombie does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def suspend(pid: int) -> None:
    """Stops the process; returns once all of its threads stand still. A thread that runs when the signal comes may answer a
    last request.
    """
    psutil.Process(pid).suspend()
    tasks = Path(f"/proc/{pid}/task")
    while any(one.read_text().rpartition(")")[2].split()[0] != "T" for one in tasks.glob("*/stat")):
        time.sleep(0.001)


class Server(ABC):
    """A child process that listens on a port of 127.0.0.1 and keeps port and folder over restarts."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "server.log"
        atexit.register(self.kill)

    @abstractmethod
    def command(self) -> list[str]:
        """The command line of the server."""

    def start(self) -> Self:
        """Starts the server and waits until it answers; raises RuntimeError with the end of its log if it does not."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self._wait()
        return self

    def _wait(self, seconds: float = 30.0) -> None:
        assert self.process is not None
        until = time.monotonic() + seconds
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                said = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{type(self).__name__} does not start: {said}")
            time.sleep(0.003)

    def ready(self) -> bool:
        """Whether it can be used."""
        return is_open(self.port)

    @property
    def pid(self) -> int:
        """The process id of the main process."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """Kills the main process and all its children with SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Shuts the server down in an orderly way (SIGINT)."""
        self._end(signal.SIGINT)

    def _end(self, sign: int) -> None:
        """Sends the signal, with SIGKILL also to all children, and waits until the processes have ended."""
        if self.process is None:
            return
        children: list[psutil.Process] = []
        if sign == signal.SIGKILL and self.process.poll() is None:
            children = psutil.Process(self.pid).children(recursive=True)
        if self.process.poll() is None:
            self.process.send_signal(sign)
        for child in children:
            if child.is_running():
                child.kill()
        while any(alive(child) for child in children):
            time.sleep(0.003)
        self.process.wait(timeout=60)
        self.process = None

    def restart(self) -> Self:
        """Stops the server if it runs, and starts it again on the same port and the same files."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
        atexit.unregister(self.kill)


class NatsServer(Server):
    """nats-server with JetStream on disk, `sync_interval: always`; `config_text` replaces all but the address."""

    def __init__(self, folder: Path, config_text: str | None = None, port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, port)
        self.config = folder / "nats.conf"
        self.config.write_text(config_text or PLAIN_NATS.format(store=folder / "store"))

    @property
    def url(self) -> str:
        """nats://127.0.0.1:<port>"""
        return f"nats://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [str(NATS_BINARY), "-c", str(self.config), "-a", "127.0.0.1", "-p", str(self.port)]


class PostgresServer(Server):
    """A new cluster with fsync on, or with `database_url` an existing server, which is never killed."""

    def __init__(self, database_url: str | None = None) -> None:
        self.external = make_url(database_url) if database_url else None
        self.home = Path(tempfile.mkdtemp(prefix="microgov-pg-"))
        super().__init__(self.home)
        self.data = self.home / "data"
        self.bin = Path()

    def start(self) -> Self:
        if self.external is not None:
            return self
        if not self.data.exists():
            self.bin = self._init()
        return super().start()

    def _init(self) -> Path:
        """Creates the cluster; returns the folder of the binaries. Raises RuntimeError if no installation works."""
        user = unprivileged()
        if user is not None:
            os.chown(self.home, user.pw_uid, user.pw_gid)
        errors = []
        for folder in binaries(self.home):
            made = subprocess.run(
                [
                    *as_user(user),
                    str(folder / "initdb"),
                    "-D",
                    str(self.data),
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "--no-sync",
                ],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
            if made.returncode == 0:
                return folder
            errors.append(f"{folder}: {made.stderr.strip()[-500:]}")
            shutil.rmtree(self.data, ignore_errors=True)
        raise RuntimeError(
            "no PostgreSQL that works: set DATABASE_URL or install the test extra. " + "; ".join(errors)
        )

    def command(self) -> list[str]:
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "max_connections": "200",
        }
        return [
            *as_user(unprivileged()),
            str(self.bin / "postgres"),
            "-D",
            str(self.data),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ]

    def ready(self) -> bool:
        if not is_open(self.port):
            return False
        try:
            psycopg.connect(self._plain("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, dbname: str = "postgres") -> str:
        """postgresql+psycopg://… for SQLAlchemy."""
        if self.external is None:
            return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{dbname}"
        url = self.external.set(drivername="postgresql+psycopg", database=dbname)
        return url.render_as_string(hide_password=False)

    def _plain(self, dbname: str) -> str:
        return self.url(dbname).replace("+psycopg", "", 1)

    def create(self, dbname: str) -> str:
        """Creates an empty database, after dropping one of that name, and returns its url."""
        with psycopg.connect(self._plain("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{dbname}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{dbname}"'.encode())
        return self.url(dbname)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        shutil.rmtree(self.home, ignore_errors=True)
