"""Makes an earlier deployment: `python -m tests.earlier_deployments.make COMMIT` (6 minutes; COMMIT is before af27dc3).

It writes `tests/earlier_deployments/COMMIT.tar.xz`. It runs the code of that commit from a checkout of its own: `make up`
and `leave.py`, then an orderly end. After that it puts the same deployment on PostgreSQL: the schema by the migrations of
that commit, the rows from SQLite, started and ended once. The archive holds `var/` (with its secrets, which protect
nothing real), `postgresql/<service>_<tenant>.sql` and `house.json`.

Commit the archive: from then on `test_goes_on.py` starts the present code on it. An archive is never made again: where the
present code cannot continue with it, the present code is wrong. For a later commit `leave_in_real_time.py` needs another
way to a quarantined message first.
"""

import json
import os
import re
import shutil
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
from microgov.services.chassis.installed import installed
from tests.support.ports import deployment_ports
from tests.support.postgresql import as_user, unprivileged
from tests.support.servers import PostgresServer

THIS_FOLDER = Path(__file__).parent
ROOT = THIS_FOLDER.parents[1]
PACKAGE = "tests.earlier_deployments"
PUBLISHER = (
    *("add", "portal", "--tenant", "donghu", "--tenant", "demo", "--role", "resident"),
    *("--speaks-for", "anyone", "--password", "--json"),
)
"""A program outside that may send; its secret is shown only by this command."""
READY_WORD = "ctrl-C"
"""`make up` prints a line with this word when it is ready."""


def main(commit: str) -> None:
    """Makes the archive, in a temporary folder."""
    with tempfile.TemporaryDirectory() as scratch:
        deployment = EarlierCode(Path(scratch), commit)
        with deployment.runs("-m", "microgov", "up"):
            left = json.loads(deployment.python("-m", f"{PACKAGE}.leave"))
            left["publisher"] = json.loads(deployment.python("-m", "microgov", "publishers", *PUBLISHER))
        deployment.forget_places()
        with PostgresServer() as postgres:
            deployment.to_postgres(postgres)
        (deployment.folder / "house.json").write_text(
            json.dumps({"commit": commit, **left}, ensure_ascii=False, indent=1)
        )
        pack(deployment.folder, THIS_FOLDER / f"{commit}.tar.xz")


class EarlierCode:
    """The code of `commit` in a checkout, and the deployment that it makes in `folder`."""

    def __init__(self, scratch: Path, commit: str) -> None:
        self.folder, self.code = scratch / "house", scratch / "code"
        self.folder.mkdir()
        self.code.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "x", "-C", str(self.code)], input=archive, check=True)
        scripts = self.code / PACKAGE.replace(".", "/")
        shutil.copytree(THIS_FOLDER, scripts, ignore=shutil.ignore_patterns("*.xz"), dirs_exist_ok=True)
        self.ports = deployment_ports()
        self.env = {
            **os.environ,
            "PYTHONPATH": str(self.code),
            "MICROGOV_VAR": str(self.folder / "var"),
            **self.ports,
        }

    def python(self, *arguments: str) -> str:
        """Runs Python with the code of the commit, and returns what it prints."""
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.code, env=self.env, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    @contextmanager
    def runs(self, *arguments: str) -> Iterator[None]:
        """Runs a supervisor, which is ready inside the block, and stops it after the block."""
        with running([sys.executable, *arguments], self.code, self.env):
            yield

    def forget_places(self) -> None:
        """Removes the path of the checkout, which stack traces contain."""
        for file in (self.folder / "var").glob("*/*.sqlite"):
            with closing(sqlite3.connect(file, isolation_level=None)) as c:
                c.execute("UPDATE trouble SET trace = error")
                c.execute("VACUUM")

    def to_postgres(self, postgres: PostgresServer) -> None:
        """Copies the rows, starts and ends the deployment once, and dumps every database."""
        script, url = ("-m", f"{PACKAGE}.on_postgres"), postgres.url("{service}_{tenant}")
        names = [f"{home}_{tenant}" for home in (one.name for one in installed()) for tenant in TENANTS]
        for name in names:
            postgres.create(name)
        self.python(*script, "copy", str(self.folder / "var"), url)
        with self.runs(*script, "up", str(self.folder / "var"), *self.ports.values(), url):
            self.python("-m", "microgov", "status", "--wait", "60")
        (self.folder / "postgresql").mkdir()
        for name in names:
            dump(postgres, name, self.folder / "postgresql" / f"{name}.sql")


@contextmanager
def running(command: Sequence[str], folder: Path, env: dict[str, str]) -> Iterator[None]:
    """Runs a supervisor until the block ends, which begins once it is ready.

    Raises RuntimeError with its output if it ends before it is ready, or with an exit code other than 0.
    """
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as up:
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line)
            if READY_WORD in line:
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
    """Dumps a database as SQL which any client can send, without what only psql understands."""
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
    """Packs the files of the folder in order of their names, without logs, locks and files that `make up` writes again."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    with tarfile.open(to, "w:xz", preset=9) as archive:
        for file in files:
            if file.suffix not in (".log", ".pid") and file.name not in (".lock", "nats.conf"):
                archive.add(file, str(file.relative_to(folder)), filter=_plain)


def _plain(one: tarfile.TarInfo) -> tarfile.TarInfo:
    """Removes owner and time, so that the same files give the same archive."""
    one.uid = one.gid = one.mtime = 0
    one.uname = one.gname = ""
    return one


if __name__ == "__main__":
    main(sys.argv[1])
