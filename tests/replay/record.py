"""Records stories: `python -m tests.replay.record [STORY …]`, without names all. Review the recordings and commit them.

`python -m tests.replay.record --digests` keeps every message and writes only the trailers: use it if a service has new rows
or columns and emits the same events.
"""

import asyncio
import json
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
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording, States
from microgov.services.chassis.replay.collecting import states_of
from microgov.stories.catalogue import STORIES
from microgov.testing.wording import shown_difference
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

LOGS = Path(__file__).parents[1] / "logs"
SUMS = LOGS / "messages.sha256"


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
    count = recordings.write(LOGS / f"{name}.ndjson", tenant, found, states(recording))
    list_new(LOGS / f"{name}.ndjson")
    print(f"{name}: {count} messages")


def list_new(path: Path) -> None:
    """Lists a new recording in messages.sha256. The line of one that is listed stays, so a test finds it changed."""
    known = SUMS.read_text("utf-8").splitlines()
    if not any(line.endswith(f"  {path.name}") for line in known):
        total = json.loads(path.read_bytes().splitlines()[-1])["sha256"]
        lines = sorted([*known, f"{total}  {path.name}"], key=lambda line: line.split()[1])
        SUMS.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def states(recording: Recording) -> dict[str, States]:
    """The states of every service; exits if one answers otherwise than recorded."""
    found: dict[str, States] = {}
    for service in FOLDS:
        found[service.name], difference = states_of(service, recording)
        if difference is not None:
            raise SystemExit(shown_difference(difference, ["memory"]))
    return found


def seal(path: Path) -> None:
    """Writes today's states into the trailer of a recording; exits if a service emits other events than the recording has,
    or if anything but the trailer would change.
    """
    recording, before = recordings.read(path), path.read_bytes()
    recordings.write(path, recording.tenant, recording.messages, states(recording), recording.open)
    if path.read_bytes().splitlines()[:-1] != before.splitlines()[:-1]:
        path.write_bytes(before)
        raise SystemExit(f"{path}: more than the trailer would have changed; it was left as it is")


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
