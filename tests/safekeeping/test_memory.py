"""Memory stays flat: a log of four times as many messages is backed up, verified and restored with hardly more of it."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import pytest

from bench.workload import START, TENANT
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.safekeeping.create import silent
from microgov.safekeeping.folder import Backup
from microgov.safekeeping.manifest import Manifest, StreamInBackup
from microgov.safekeeping.private_broker import broker_on
from microgov.safekeeping.refilling import Refilling, make_stream
from microgov.safekeeping.stream_parts import Timed, parts_in
from microgov.safekeeping.streams import StreamBackup
from microgov.safekeeping.verify import Verification
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.gateway.accounts.streams import log_stream
from microgov.testing.deployment.memory_deployment import MemoryDeployment
from tests.replay.test_streaming import MORE_MEGABYTES, log

LOG = f"LOG-{TENANT}"


async def filled(store: Path, messages: Iterable[Timed]) -> None:
    """Fills the log of a new broker."""
    with broker_on(store) as address:
        bus = await Bus.connect(address, "restore")
        await make_stream(bus, log_stream(TENANT), 1, 1)
        await Refilling(bus, LOG, 1).fill(messages, f"log.{TENANT}.gone", 0)
        await bus.close()


def back_up(folder: Path) -> None:
    """Backs up the log in the broker's files."""

    async def made() -> StreamInBackup:
        with broker_on(folder / "store") as address:
            bus = await Bus.connect(address, "backup")
            found = await StreamBackup(bus, folder / "backups", [], silent).shared(LOG)
            await bus.close()
        return found

    (folder / "made.json").write_text(asyncio.run(made()).model_dump_json())


def verify(folder: Path) -> None:
    """Replays the log in the backup."""
    every_message()
    stream = StreamInBackup.model_validate_json((folder / "made.json").read_text())
    manifest = Manifest.model_construct(streams={LOG: stream})
    verification = Verification(folder / "backups", tuple(FOLDS))
    verification.look_inside(Backup(folder, manifest), manifest)
    assert verification.findings == []
    assert verification.messages >= 12_000


def restore(folder: Path) -> None:
    """Fills a new broker with the log in the backup."""
    parts = parts_in(folder / "backups" / "streams" / f"{LOG}.1")
    asyncio.run(filled(folder / "new", (one for part in parts for one in part.messages())))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of a broker with a log of 12,000 messages, and with one of 48,000; a backup of each."""
    messages = list(islice(log(MemoryDeployment(TENANT, start=START)), 48_000))
    found = []
    for count in (12_000, 48_000):
        folder = tmp_path_factory.mktemp("memory")
        asyncio.run(filled(folder / "store", (Timed(one, 0) for one in messages[:count])))
        back_up(folder)
        found.append(folder)
    return found


def peak(what: Callable[[Path], None], folder: Path) -> int:
    """The greatest resident memory of a process that does this alone, in MB."""
    code = f"import sys; from {__name__} import {what.__name__}, Path; {what.__name__}(Path({str(folder)!r}))"
    print_peak = "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {print_peak}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return int(done.stdout.split()[-1]) // 1024


@pytest.mark.slow
@pytest.mark.parametrize("what", [back_up, verify, restore])
def test_four_times_as_many_messages_take_hardly_more_memory(
    what: Callable[[Path], None], folders: list[Path]
) -> None:
    if what is back_up:
        for folder in folders:
            shutil.rmtree(folder / "backups")

    short, long = (peak(what, folder) for folder in folders)

    assert long - short <= MORE_MEGABYTES, (short, long)
    assert long < 200
