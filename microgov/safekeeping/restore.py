"""Restores a backup onto an empty place: settings, streams and kept rows. What is folded from the log, the services fold.

Nothing runs meanwhile but the broker, and PostgreSQL where that is used. Every database gets a hold: nothing is sent to
people, and nothing is handed out to publishers, until an operator has decided (`microgov resume`).
"""

import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from nats.js.api import StreamConfig
from sqlalchemy.engine import Connection

from microgov.safekeeping import paused, sealing
from microgov.safekeeping.create import SETTINGS, Step, silent
from microgov.safekeeping.databases import folded_tables, opened_rows
from microgov.safekeeping.erasures import Erasure, read_erasures
from microgov.safekeeping.kept_apart import RowApart, opened_apart
from microgov.safekeeping.kept_rows import line_of, load
from microgov.safekeeping.manifest import StreamInBackup
from microgov.safekeeping.point import LOG, Chosen, messages_in
from microgov.safekeeping.refilling import Refilling, make_reading_places, make_stream
from microgov.safekeeping.told import Lacking, Told, erase
from microgov.services.chassis.fold.rebuild import reset
from microgov.services.chassis.installed import installed_service
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import CHUNK_MESSAGES
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store import hold
from microgov.services.chassis.store.bookkeeping import READER
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.tenants.setup import make_database


class Restored(NamedTuple):
    """What was restored: by tenant, the end of its log and the log's generation; how many rows were loaded; how many were
    erased since the backup, and are not there; and the rows that the log tells of and nobody has.
    """

    ends: Mapping[str, int]
    generation: int
    rows: int
    erased: int
    lacking: list[Lacking]


class Restoring:
    """Restores what was chosen from the folder of all backups, with the private key, into the installation with these
    settings. `step`: see create.Step. `generation`: that of the restored streams, higher than any before.
    """

    def __init__(
        self, folder: Path, chosen: Chosen, key: str, settings: Settings, step: Step = silent
    ) -> None:
        self.folder, self.chosen, self.key, self.settings, self.step = folder, chosen, key, settings, step
        self.generation = chosen.generation + 1
        self.told = {name: Told(name) for name in chosen.manifest.tenants}
        self.rows = self.erased = 0
        self.lacking: list[Lacking] = []

    def settings_back(self) -> None:
        """Writes secrets, publishers and tenants."""
        archive = BytesIO(b"".join(sealing.opened(self.chosen.backup.folder / SETTINGS, self.key)))
        roots = {"secrets": self.settings.secrets, "publishers": self.settings.publishers}
        with tarfile.open(fileobj=archive) as tar:
            for member in tar.getmembers():
                first, _, inside = member.name.partition("/")
                to = roots[first] / inside if inside else self.settings.tenants
                content = tar.extractfile(member)
                assert content is not None
                to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                to.write_bytes(content.read())
                to.chmod(member.mode)

    async def streams_back(self, bus: Bus) -> None:
        """Makes all streams, and fills them: the logs first, which say up to what time the others are held back."""
        for name, stream in sorted(self.chosen.streams.items(), key=lambda one: not one[0].startswith(LOG)):
            await self._stream_back(bus, name, stream)

    async def databases_back(self) -> Restored:
        """Makes all databases, and loads what no log brings back."""
        apart = opened_apart(self.folder, self.key)
        for name in self.chosen.manifest.databases:
            await self._database_back(name, [one for one in apart if one.database == name])
        logs = {name: one for name, one in self.chosen.streams.items() if name.startswith(LOG)}
        return Restored(
            {name.removeprefix(LOG): one.end for name, one in logs.items()},
            self.generation,
            self.rows,
            self.erased,
            self.lacking,
        )

    async def _stream_back(self, bus: Bus, name: str, stream: StreamInBackup) -> None:
        first = max(1, stream.first)
        await make_stream(bus, _config(name), first, self.generation)
        filling = Refilling(bus, name, first, 1 if name.startswith("IN-") else CHUNK_MESSAGES)
        messages = messages_in(self.folder, stream)
        if name.startswith(LOG):
            messages = self.told[name.removeprefix(LOG)].watch(messages)
        progress = self.step(name, stream.end - first + 1)
        await filling.fill(messages, _filler(name), stream.end, progress)
        marks = paused.marks(self._latest()) if name == paused.OUT else {}
        await make_reading_places(bus, name, stream.read_up_to, marks)

    def _latest(self) -> datetime:
        """The greatest recordedtime in the logs."""
        return max((one.latest for one in self.told.values()), default=datetime.fromtimestamp(0, UTC))

    async def _database_back(self, name: str, apart: list[RowApart]) -> None:
        home, _, tenant = name.partition("/")
        database, progress = self.chosen.manifest.databases[name], self.step(name, None)
        make_database(self.settings, home, tenant)
        engine = make_engine(self.settings.database_url(home, tenant), self.settings.database_password)
        kept = self.chosen.backup.folder / "kept" / name.replace("/", "_")
        with engine.begin() as c:
            for rows in (
                opened_rows(kept, database, self.key),
                [line_of(one.table, one.row) for one in apart],
            ):
                count = sum(load(c, folded_tables(home), rows).values())
                self.rows += count
                progress(count)
            self.erased += erase(
                c, home, tenant, self._erasures(tenant), self.chosen.manifest.ends_before[tenant]
            )
            self.lacking += self.told[tenant].lacking(home, c)
            _make_ready(c)
        # The log is folded from its beginning, and every answer is compared.
        await reset(engine, installed_service(home).definition())
        engine.dispose()

    def _erasures(self, tenant: str) -> list[Erasure]:
        """What was erased, by the file beside the backups and by the log itself."""
        return [*read_erasures(self.folder).erased, *self.told[tenant].gone]


def _make_ready(c: Connection) -> None:
    # A stream that was restored was made today; the door would read one that was made anew from its beginning.
    c.execute(READER.update().where(READER.c.stream.startswith("IN-")).values(event_id=""))
    hold.begin(c)


def _config(name: str) -> StreamConfig:
    kind, _, rest = name.partition("-")
    if kind == "LOG":
        return streams.log_stream(rest)
    if kind == "IN":
        tenant, _, publisher = rest.partition("_")
        return streams.in_stream(tenant, publisher)
    return {"RECEIPT": streams.receipt_stream, "OUT": streams.out_stream}[name]()


def _filler(name: str) -> str:
    """A subject of the stream, for messages that are deleted again."""
    subject = str((_config(name).subjects or [""])[0])
    return subject.replace(">", "gone")
