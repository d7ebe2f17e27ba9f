"""Makes a house of before: `python -m tests.earlier_deployments.make COMMIT` writes `tests/earlier_deployments/COMMIT.tar.xz` (6 minutes).

It runs the code of that commit, from a checkout of its own: `make up`, `leave.py`, an orderly end; then the same house on
PostgreSQL: its schema by that code's migrations, the rows that it has on SQLite, started and ended once. The archive holds
`var/` (its secrets too: the house was never anybody's), `postgresql/<service>_<tenant>.sql` and `house.json`.

Run it once for each release, and commit what it writes: from then on `test_goes_on.py` starts the code of the day on it.
An archive is never made anew; where today's code cannot go on with it, today's code is wrong.
"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from microgov.local.up import TENANTS
from microgov.services.gateway.tenants.setup import HOMES
from tests.support.postgresql import as_user, unprivileged
from tests.support.servers import PostgresServer, free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SAID = "ctrl-C"
"""Stands in what `make up` says when it is ready."""


def main(commit: str) -> None:
    """Everything, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        deployment = Made(Path(scratch), commit)
        with deployment.runs("-m", "microgov", "up"):
            told = json.loads(deployment.python(str(HERE / "leave.py")))
        deployment.forget_places()
        with PostgresServer() as postgres:
            deployment.to_postgres(postgres)
        (deployment.folder / "house.json").write_text(
            json.dumps({"commit": commit, **told}, ensure_ascii=False, indent=1)
        )
        pack(deployment.folder, HERE / f"{commit}.tar.xz")


class Made:
    """A house that the code of `commit` makes in `folder`."""

    def __init__(self, scratch: Path, commit: str) -> None:
        self.folder, self.code = scratch / "house", scratch / "code"
        self.folder.mkdir()
        self.code.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "x", "-C", str(self.code)], input=archive, check=True)
        self.ports = [str(free_port()), str(free_port())]
        self.env = {
            **os.environ,
            "PYTHONPATH": str(self.code),
            "MICROGOV_VAR": str(self.folder / "var"),
            "MICROGOV_NATS_PORT": self.ports[0],
            "MICROGOV_HEALTH_PORT": self.ports[1],
        }

    def python(self, *arguments: str) -> str:
        """What the code of then prints."""
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.code, env=self.env, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    @contextmanager
    def runs(self, *arguments: str) -> Iterator[None]:
        """Ready inside of this, ended in order after it."""
        with running([sys.executable, *arguments], self.code, self.env):
            yield

    def forget_places(self) -> None:
        """Where on this machine the code lay: stack traces name it."""
        for file in (self.folder / "var").glob("*/*.sqlite"):
            with closing(sqlite3.connect(file, isolation_level=None)) as c:
                c.execute("UPDATE trouble SET trace = error")
                c.execute("VACUUM")

    def to_postgres(self, postgres: PostgresServer) -> None:
        """Copied, started and ended once, and written down."""
        script, url = str(HERE / "on_postgres.py"), postgres.url("{service}_{tenant}")
        names = [f"{home}_{tenant}" for home in HOMES for tenant in TENANTS]
        for name in names:
            postgres.create(name)
        self.python(script, "copy", str(self.folder / "var"), url)
        with self.runs(script, "up", str(self.folder / "var"), *self.ports, url):
            self.python("-m", "microgov", "status", "--wait", "60")
        (self.folder / "postgresql").mkdir()
        for name in names:
            dump(postgres, name, self.folder / "postgresql" / f"{name}.sql")


@contextmanager
def running(command: Sequence[str], folder: Path, env: dict[str, str]) -> Iterator[None]:
    """A supervisor that has said that it is ready. Raises RuntimeError with what it said where it ends before."""
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as up:
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line)
            if SAID in line:
                break
        else:
            raise RuntimeError(f"it ended: {''.join(said)}")
        try:
            yield
        finally:
            up.send_signal(signal.SIGINT)
            rest = up.stdout.read()
            if up.wait(timeout=60):
                raise RuntimeError(f"it did not end in order: {rest}")


def dump(postgres: PostgresServer, name: str, file: Path) -> None:
    """As any client can send it: what psql alone understands is left out."""
    command = [
        *as_user(unprivileged()),
        str(postgres.bin / "pg_dump"),
        "--no-owner",
        "--rows-per-insert=200",
        "--no-comments",
        "-h",
        "127.0.0.1",
        "-p",
        str(postgres.port),
        "-U",
        "postgres",
        name,
    ]
    said = subprocess.run(command, cwd="/", check=True, capture_output=True, text=True).stdout
    kept = [
        line for line in said.splitlines() if not re.match(r"--|\\|SET |SELECT pg_catalog.set_config", line)
    ]
    file.write_text("\n".join(kept) + "\n")


def pack(folder: Path, to: Path) -> None:
    """Without logs and locks, and what `make up` writes anew; in the same order each time."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    with tarfile.open(to, "w:xz", preset=9) as archive:
        for file in files:
            if file.suffix not in (".log", ".pid") and file.name not in (".lock", "nats.conf"):
                archive.add(file, str(file.relative_to(folder)), filter=_plain)


def _plain(one: tarfile.TarInfo) -> tarfile.TarInfo:
    one.uid = one.gid = one.mtime = 0
    one.uname = one.gname = ""
    return one


if __name__ == "__main__":
    main(sys.argv[1])
