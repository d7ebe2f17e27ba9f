"""A broker on the files of one that does not run, which nobody else can reach."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import BrokerAddress
from microgov.services.gateway.accounts.nats_config import HOUSE


@contextmanager
def broker_on(store: Path) -> Iterator[BrokerAddress]:
    """Starts a broker on these files, which nobody else can reach."""
    binary, password = Path(sys.executable).parent / "nats-server", secrets.token_urlsafe()
    with TemporaryDirectory() as scratch:
        (Path(scratch) / "nats.conf").write_text(
            f'listen: "127.0.0.1:-1"\nports_file_dir: "{scratch}"\nserver_name: microgov\n'
            f'jetstream {{ store_dir: "{store}", max_file_store: 100GB }}\n'
            f'accounts {{ {HOUSE} {{ jetstream: enabled, users: [{{ user: restore, password: "{password}" }}] }} }}\n'
        )
        running = subprocess.Popen(
            [str(binary), "-c", f"{scratch}/nats.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield BrokerAddress(_url(running, Path(scratch)), "restore", password)
        finally:
            running.terminate()
            running.wait()


def _url(running: "subprocess.Popen[bytes]", scratch: Path, seconds: float = 120.0) -> str:
    ports, until = scratch / f"nats-server_{running.pid}.ports", time.monotonic() + seconds
    while running.poll() is None and time.monotonic() < until:
        if ports.exists() and (text := ports.read_text()):
            return str(json.loads(text)["nats"][0])
        time.sleep(0.01)
    raise Problem("消息服务器无法启动。", "The broker does not start.")
