"""Checks a copy without changing it: SQLite, and a broker that is started for it, open further copies of its files."""

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.recording.audit import check_log

START_SECONDS, USER = 120.0, "copy"
CONFIG = """listen: "127.0.0.1:-1"
ports_file_dir: "{0}"
server_name: microgov
jetstream {{ store_dir: "{0}/store", max_file_store: 100GB }}
accounts {{ HOUSE {{ jetstream: enabled, users: [{{ user: {1}, password: "{2}" }}] }} }}
"""


class BrokerFindings(NamedTuple):
    """The number of messages by stream, and findings: what is wrong."""

    streams: dict[str, int]
    findings: list[str]


def database(file: Path, scratch: Path) -> tuple[list[str], int]:
    """Findings of SQLite in a copied database, and the log sequence that its service has folded. Opened in `scratch`."""
    mine = scratch / "database"
    mine.mkdir()
    try:
        for part in file.parent.glob(f"{file.name}*"):
            if not part.name.endswith("-shm"):
                shutil.copy(part, mine / part.name)
        with closing(sqlite3.connect(mine / file.name)) as opened:
            said = [str(row[0]) for row in opened.execute("PRAGMA integrity_check")]
            known = (
                opened.execute("SELECT max(seq) FROM reader WHERE stream = 'LOG'").fetchone()[0]
                if said == ["ok"]
                else 0
            )
            return [f"{file.name}: {one}" for one in said if one != "ok"], known or 0
    except sqlite3.Error as error:
        return [f"{file.name}: {error}"], 0
    finally:
        shutil.rmtree(mine)


async def broker(store: Path, scratch: Path) -> BrokerFindings:
    """Starts a broker on a copy of the store, counts every stream and walks every log."""
    shutil.copytree(store, scratch / "store")
    password = secrets.token_urlsafe()
    (scratch / "nats.conf").write_text(CONFIG.format(scratch, USER, password))
    with _server(scratch) as url:
        bus = await Bus.connect(BrokerAddress(url, USER, password), "copy")
        try:
            names = (await bus.api("STREAM.NAMES"))["streams"] or []
            findings = BrokerFindings({}, [])
            for name in sorted(names):
                findings.streams[name] = int((await bus.api(f"STREAM.INFO.{name}"))["state"]["messages"])
                if name.startswith("LOG-"):
                    audit = await check_log(JetStreamLog(bus, name.removeprefix("LOG-")))
                    findings.findings.extend(f"{name} {finding}" for finding in audit.findings)
            return findings
        finally:
            await bus.close()


@contextmanager
def _server(scratch: Path) -> Iterator[str]:
    log, binary = scratch / "server.log", Path(sys.executable).parent / "nats-server"
    with log.open("wb") as out:
        running = subprocess.Popen(
            [str(binary), "-c", str(scratch / "nats.conf")], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        yield _address(running, scratch, log)
    finally:
        running.terminate()
        running.wait()


def _address(running: "subprocess.Popen[bytes]", scratch: Path, log: Path) -> str:
    until, ports = time.monotonic() + START_SECONDS, scratch / f"nats-server_{running.pid}.ports"
    while running.poll() is None and time.monotonic() < until:
        if ports.exists() and (text := ports.read_text()):
            return str(json.loads(text)["nats"][0])
        time.sleep(0.01)
    said = " ".join(log.read_text(errors="replace").splitlines()[-1:])
    raise Problem(
        f"副本的消息存储无法打开：{said}", f"The broker's store in the copy cannot be opened: {said}"
    )
