"""A broker on the files of one that does not run, which nobody else can reach."""

import json
import os
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
from microgov.services.chassis.runtime.parent import die_with
from microgov.services.gateway.accounts.nats_config import HOUSE


@contextmanager
def broker_on(store: Path) -> Iterator[BrokerAddress]:
    """Starts a broker on these files until the block ends; yields its address. It ends with this process, however that
    ends: two brokers on the same files would destroy them. Raises Problem.
    """
    binary, password = Path(sys.executable).parent / "nats-server", secrets.token_urlsafe()
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        (scratch / "nats.conf").write_text(
            f'listen: "127.0.0.1:-1"\nports_file_dir: "{scratch}"\nserver_name: microgov\n'
            f'jetstream {{ store_dir: "{store}", max_file_store: 100GB }}\n'
            f'accounts {{ {HOUSE} {{ jetstream: enabled, users: [{{ user: restore, password: "{password}" }}] }} }}\n'
        )
        with (scratch / "said").open("wb") as said:
            running = subprocess.Popen(
                [str(binary), "-c", str(scratch / "nats.conf")],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                process_group=0,  # ctrl-C is for this process, which ends the broker once it has closed its files
                preexec_fn=die_with(os.getpid()),
            )
        try:
            yield BrokerAddress(_url(running, scratch), "restore", password)
        finally:
            running.terminate()
            running.wait()


def _url(running: "subprocess.Popen[bytes]", scratch: Path, seconds: float = 120.0) -> str:
    ports, until = scratch / f"nats-server_{running.pid}.ports", time.monotonic() + seconds
    while running.poll() is None and time.monotonic() < until:
        if ports.exists() and (text := ports.read_text()):
            return str(json.loads(text)["nats"][0])
        time.sleep(0.01)
    said = " ".join((scratch / "said").read_text(errors="replace").splitlines()[-1:])
    raise Problem(
        f"消息服务器无法打开其存储：{said}。请核对这些文件是否完整。",
        f"The broker cannot open its streams: {said}. See whether its files are whole.",
    )
