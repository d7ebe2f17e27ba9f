"""Records stories: `python -m tests.replay.record [STORY …]`, without names all. Review the recordings and commit them.

`python -m tests.replay.record --digests` keeps every message and writes only the digests: use it if a service has new rows
or columns and emits the same events.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from microgov.client import simulated_clock
from microgov.client.publisher import Client
from microgov.demo.player import Player
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.replay import recording as recordings
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine
from microgov.stories.catalogue import STORIES
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

LOGS = Path(__file__).parents[1] / "logs"


async def record(name: str, nats_url: str, folder: Path) -> None:
    """Records one story in a new tenant."""
    tenant = f"rec-{name}"[:32]
    database = f"sqlite:///{folder}/{{service}}/{{tenant}}.sqlite"
    async with (
        deployed(nats_url, database, folder, tenant) as deployment,
        Client(deployment.settings, tenant) as client,
    ):
        story = STORIES[name].make(name.split("-")[0], await simulated_clock.now(client), tenant)
        await Player(client, Console()).play(story)
        end = await deployment.quiet()
        log = await deployment.log()
        found: list[Stored] = []
        reader = await log.read(0, None)
        while len(found) < end:
            found += await reader.batch(1000, 1.0)
        await log.close()
    recording = Recording(tenant, tuple(found), {})
    count = recordings.write(
        LOGS / f"{name}.ndjson", tenant, found, {s.name: state(s, recording) for s in FOLDS}
    )
    print(f"{name}: {count} messages")


def state(service: Service, recording: Recording) -> str:
    """The digest of a service at the end of a replay."""
    made = engine("sqlite://")
    prepare(made, service)
    difference = check(service, recording, made)
    if difference is not None:
        raise SystemExit(str(difference))
    with made.connect() as c:
        return digest(c, service)


def seal(path: Path) -> None:
    """Writes today's digests into a recording; exits if a service emits other events than the recording has."""
    recording = recordings.read(path)
    digests = {service.name: state(service, recording) for service in FOLDS}
    recordings.write(path, recording.tenant, recording.messages, digests, recording.open)


async def main(names: Sequence[str]) -> None:
    """Records each of the stories."""
    LOGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, NatsServer(Path(folder) / "nats") as server:
        for name in names:
            await record(name, server.url, Path(folder))


if __name__ == "__main__":
    if "--digests" in sys.argv[1:]:
        for recorded in sorted(LOGS.glob("*.ndjson")):
            seal(recorded)
    else:
        asyncio.run(main(sys.argv[1:] or list(STORIES)))
