"""A deployment with something to lose, and backups of it."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from sqlalchemy.orm import Session

from microgov.contracts.directory import DefinePlace
from microgov.folds import FOLDS
from microgov.safekeeping import sealing
from microgov.safekeeping.create import create
from microgov.safekeeping.databases import opened_rows
from microgov.safekeeping.folder import Backup
from microgov.safekeeping.manifest import Manifest
from microgov.safekeeping.stream_parts import parts_in
from microgov.safekeeping.verify import Verification, Verified
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Stored
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.gateway.accounts.credentials import Credentials
from microgov.services.issues.model import BallotKey
from microgov.services.issues.visits.files import HouseholdFile
from microgov.services.notify.model import ContactPoint
from tests.support.deployment import Deployment, OutsideProgram, deployed
from tests.support.servers import NatsServer

KEY, RECIPIENT = sealing.new_key()
ADDRESS, ENTRY, SECRET = (
    "https://phone.example/13800001111",
    "lives alone since March",
    b"ballot-key-of-32-bytes-secret!!!",
)
NUMBERS = count(1)


class Kept:
    """The deployment, a program outside, and the folder of backups."""

    def __init__(self, deployment: Deployment, cli: OutsideProgram, folder: Path, bus: Bus) -> None:
        self.deployment, self.cli, self.folder, self.bus = deployment, cli, folder, bus

    @property
    def tenant(self) -> str:
        return self.deployment.tenant.name

    @property
    def settings(self) -> Settings:
        return self.deployment.settings

    async def places(self, many: int) -> None:
        """Defines so many places more."""
        for _ in range(many):
            n = next(NUMBERS)
            sent = DefinePlace(kind="community", name=f"东湖苑 {n}", parent=self.tenant)
            receipt = await self.cli.send(sent, f"place-{n}", role="operator")
            assert receipt["status"] == "accepted", receipt

    async def backup(self) -> Backup:
        """Makes a backup."""
        return await create(self.bus, self.settings, self.folder, RECIPIENT)

    def verified(self, backup: Backup, key: str | None = None) -> Verified:
        """Verifies a backup."""
        return Verification(self.folder, FOLDS, key).run(backup)


async def whole(bus: Bus, stream: str) -> list[Stored]:
    """All messages of a stream."""
    reader = await JetStreamLog(bus, "", stream).read(0, None)
    found: list[Stored] = []
    while await reader.behind():
        found += await reader.batch(1000, 1.0)
    await reader.close()
    return found


def held(backup: Backup) -> Manifest:
    """The manifest of the backup."""
    assert backup.manifest is not None, backup.damage
    return backup.manifest


def rows(backup: Backup, database: str) -> list[tuple[str, dict[str, object]]]:
    """What the sealed files of a database hold."""
    place = backup.folder / "kept" / database.replace("/", "_")
    lines = opened_rows(place, held(backup).databases[database], KEY)
    return [(table, row) for table, row in map(json.loads, lines)]


def numbers(backup: Backup, tenant: str) -> Counter[tuple[str, int]]:
    """The writer and number of each message in the log of the backup, and of those that wait in an outbox."""
    found = Counter[tuple[str, int]]()
    manifest = held(backup)
    stream = manifest.streams[f"LOG-{tenant}"]
    for one in _messages(backup.folder.parent / stream.folder, stream.parts):
        found[one["writer"], int(one["sequence"])] += 1
    for name in manifest.databases:
        for table, row in rows(backup, name):
            if table == "outbox" and str(row["subject"]).startswith("log."):
                found[str(row["writer"]), int(str(row["n"]))] += 0
    return found


def _messages(folder: Path, names: list[str]) -> Iterator[dict[str, str]]:
    for part in parts_in(folder):
        if part.path.name in names:
            yield from (json.loads(one.message.data) for one in part.messages())


@asynccontextmanager
async def something_to_lose(broker: NatsServer, database: str, folder: Path) -> AsyncIterator[Kept]:
    """A deployment whose databases hold a contact, a household file and the key of a ballot."""
    tenant = f"keep{next(NUMBERS)}"
    async with deployed(broker.url, database, folder, tenant) as deployment:
        settings = deployment.settings.model_copy(
            update={"secrets": folder / "secrets", "publishers": folder / "nats"}
        )
        deployment.settings = settings
        Credentials(folder / "nats", folder / "secrets").prepare([tenant])
        cli = await deployment.outsider()
        for home, row in (
            ("notify", ContactPoint(person="p-1", channel="webhook", address=ADDRESS, secret="s")),
            (
                "issues",
                HouseholdFile(household="h-1", kept_by="v", consented_by="p-1", entries={"note": ENTRY}),
            ),
            ("issues", BallotKey(ballot="b-1", key="k", public="p", private=SECRET)),
        ):
            engine = make_engine(settings.database_url(home, tenant), settings.database_password)
            with Session(engine) as s:
                s.add(row)
                s.commit()
            engine.dispose()
        bus = await Bus.connect(BrokerAddress(broker.url))
        kept = Kept(deployment, cli, folder / "backups", bus)
        await kept.places(3)
        yield kept
        await bus.close()
