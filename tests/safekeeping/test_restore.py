"""A restored installation is the one that was backed up: streams with their sequences, kept rows, and a hold."""

import shutil
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from microgov.contracts.notify import RegisterContact
from microgov.safekeeping import paused
from microgov.safekeeping.point import Point, choose
from microgov.safekeeping.restore import Restored, Restoring
from microgov.safekeeping.told import Lacking
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import generation_of
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store import hold
from microgov.services.chassis.store.engine import engine as make_engine
from tests.safekeeping.backup_steps import KEY, Kept, something_to_lose, whole
from tests.safekeeping.test_erasures import erase
from tests.support.servers import NatsServer, PostgresServer

NUMBERS = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of the databases, with {place} for where the installation is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/{{place}}/{{{{service}}}}/{{{{tenant}}}}.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(f"res{next(NUMBERS)}_{{place}}_{{{{service}}}}_{{{{tenant}}}}")


@pytest.fixture
async def kept(nats_server: NatsServer, database: str, tmp_path: Path) -> AsyncIterator[Kept]:
    async with something_to_lose(nats_server, database.format(place="old"), tmp_path) as found:
        yield found


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Bus]:
    """A connection to another broker, which has no streams."""
    with NatsServer(tmp_path / "empty") as server:
        made = await Bus.connect(BrokerAddress(server.url))
        yield made
        await made.close()


def elsewhere(kept: Kept, database: str, folder: Path) -> Settings:
    """The settings of another installation."""
    return kept.settings.model_copy(
        update={
            "database": database.format(place="new"),
            "tenants": folder / "new" / "tenants.toml",
            "secrets": folder / "new" / "secrets",
            "publishers": folder / "new" / "nats",
        }
    )


async def restored(kept: Kept, to: Bus, settings: Settings, point: Point | None = None) -> Restored:
    restoring = Restoring(kept.folder, choose(kept.folder, point), KEY, settings)
    restoring.settings_back()
    await restoring.streams_back(to)
    return await restoring.databases_back()


def rows(settings: Settings, home: str, tenant: str, table: str) -> list[tuple[object, ...]]:
    engine = make_engine(settings.database_url(home, tenant), settings.database_password)
    with engine.connect() as c:
        found = [tuple(row) for row in c.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1, 2"))]
    engine.dispose()
    return found


async def test_everything_is_there_again_and_nothing_is_sent(
    kept: Kept, empty: Bus, database: str, tmp_path: Path
) -> None:
    await kept.backup()
    new = elsewhere(kept, database, tmp_path)
    logs = await whole(kept.bus, f"LOG-{kept.tenant}")

    done = await restored(kept, empty, new)

    assert await whole(empty, f"LOG-{kept.tenant}") == logs
    assert done.ends == {kept.tenant: logs[-1].seq}
    for name in ("RECEIPT", "OUT", f"LOG-{kept.tenant}", f"IN-{kept.tenant}_cli"):
        old, now = [await bus.api(f"STREAM.INFO.{name}") for bus in (kept.bus, empty)]
        assert now["state"]["last_seq"] == old["state"]["last_seq"]
        assert generation_of(now) == done.generation == 2
    for home, table in (("notify", "contact"), ("issues", "household_file"), ("issues", "ballot_key")):
        assert rows(new, home, kept.tenant, table) == rows(kept.settings, home, kept.tenant, table) != []
    assert new.hosted() == kept.settings.hosted()
    engine = make_engine(new.database_url("notify", kept.tenant), new.database_password)
    with engine.connect() as c:
        assert hold.held(c) is not None
    engine.dispose()
    (held,) = await paused.paused(empty, ["cli"])
    assert (held.publisher, held.events) == ("cli", len(await whole(kept.bus, "OUT")))


async def test_what_was_erased_does_not_come_back_and_what_is_lacking_is_named(
    kept: Kept, empty: Bus, database: str, tmp_path: Path
) -> None:
    first = await kept.backup()
    shutil.copytree(first.folder, tmp_path / "away")
    await erase(kept, "h-1")
    await kept.cli.send(RegisterContact(channel="webhook"), "office", by="office")
    await kept.deployment.quiet()
    end = (await whole(kept.bus, f"LOG-{kept.tenant}"))[-1].seq
    await kept.places(1)
    await kept.backup()
    shutil.rmtree(first.folder)  # it was carried away, and the erasure could not reach it
    shutil.copytree(tmp_path / "away", first.folder)
    new = elsewhere(kept, database, tmp_path)

    done = await restored(kept, empty, new, Point(kept.tenant, end))

    assert done.ends == {kept.tenant: end}
    assert done.erased == 1
    assert rows(new, "issues", kept.tenant, "household_file") == []
    assert done.lacking == [Lacking(f"notify/{kept.tenant}", "contact", "office")]
