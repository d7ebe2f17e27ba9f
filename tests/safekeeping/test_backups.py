"""A backup made while everything runs holds everything once, seals what is of people, and knows when it is damaged."""

import asyncio
import random
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from microgov.safekeeping import create as creating
from microgov.safekeeping import folder, kept_rows, sealing
from microgov.safekeeping.databases import folded_tables, opened_rows
from microgov.safekeeping.folder import backups_in, chosen
from microgov.safekeeping.kept_apart import opened_apart
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording.zstd import zstd
from microgov.services.chassis.store import create_tables, migrate
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.gateway.tenants.setup import add_tenant
from tests.safekeeping.backup_steps import (
    ADDRESS,
    ENTRY,
    KEY,
    SECRET,
    Kept,
    held,
    numbers,
    rows,
    something_to_lose,
)
from tests.support.servers import NatsServer, PostgresServer

NUMBERS = count(1)
SAMPLE = 40
"""How many bytes of each file are damaged, each by itself."""


@pytest.fixture
async def on_sqlite(nats_server: NatsServer, tmp_path: Path) -> AsyncIterator[Kept]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    async with something_to_lose(nats_server, database, tmp_path) as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
async def kept(
    request: pytest.FixtureRequest, nats_server: NatsServer, tmp_path: Path
) -> AsyncIterator[Kept]:
    database = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        database = server.url(f"kept{next(NUMBERS)}_{{service}}_{{tenant}}")
    async with something_to_lose(nats_server, database, tmp_path) as found:
        yield found


async def test_a_backup_is_whole_and_its_log_replays(kept: Kept) -> None:
    backup = await kept.backup()
    verified = kept.verified(backup, KEY)

    assert verified.findings == []
    assert verified.messages == held(backup).streams[f"LOG-{kept.tenant}"].end > 30
    assert verified.answers > 10
    assert verified.sealed == 6  # four databases, the settings, the keys of ballots
    assert chosen(kept.folder, None).verified() is not None
    assert sorted(held(backup).databases) == [
        f"{service}/{kept.tenant}" for service in ("gateway", "issues", "matching", "notify")
    ]


async def test_a_tenant_that_is_not_served_yet_is_backed_up_too(on_sqlite: Kept) -> None:
    name = f"{on_sqlite.tenant}-later"
    await add_tenant(name, on_sqlite.settings, True)

    backup = await on_sqlite.backup()

    assert held(backup).tenants == {on_sqlite.tenant: True, name: True}
    assert on_sqlite.verified(backup, KEY).findings == []


async def test_what_was_kept_is_brought_back_by_the_dump(kept: Kept, tmp_path: Path) -> None:
    backup = await kept.backup()

    for home in ("gateway", "issues", "notify"):
        made = make_engine(f"sqlite:///{tmp_path}/back_{home}.sqlite")
        database = held(backup).databases[f"{home}/{kept.tenant}"]
        lines = opened_rows(backup.folder / "kept" / f"{home}_{kept.tenant}", database, KEY)
        with made.begin() as c:
            create_tables.make(c, migrate.metadata_of(home))
            counts = kept_rows.load(c, folded_tables(home), lines)
        made.dispose()
        assert counts == database.rows
    assert ("contact", "p-1", ADDRESS) in [
        (table, row.get("person"), row.get("address")) for table, row in rows(backup, f"notify/{kept.tenant}")
    ]


async def test_nothing_of_a_person_and_no_key_stands_in_clear_and_no_ballot_key_in_a_dated_backup(
    kept: Kept,
) -> None:
    backup = await kept.backup()

    secret = (kept.settings.secrets / "nats_gateway").read_bytes().strip()
    for path in kept.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        clear = zstd.decompress(data) if path.name.endswith(".ndjson.zst") else data
        for word in (ADDRESS.encode(), ENTRY.encode(), SECRET, secret):
            assert word not in clear, path
    for database in held(backup).databases:
        assert "ballot_key" not in {table for table, _ in rows(backup, database)}
    (apart,) = opened_apart(kept.folder, KEY)
    assert (apart.table, apart.row["private"]) == ("ballot_key", {"base64": b64encode(SECRET).decode()})
    archive = b"".join(sealing.opened(backup.folder / creating.SETTINGS, KEY))
    assert secret in archive
    sealed, stranger = held(backup).databases[f"notify/{kept.tenant}"], sealing.new_key()[0]
    with pytest.raises(Problem, match="sealed to another recipient"):
        [*opened_rows(backup.folder / "kept" / f"notify_{kept.tenant}", sealed, stranger)]


async def test_the_next_backup_costs_what_came_since(kept: Kept) -> None:
    first = await kept.backup()
    parts = {path: path.stat() for path in (kept.folder / "streams").rglob("*.zst")}
    await kept.places(2)
    await kept.deployment.quiet()
    second = await kept.backup()

    log = held(second).streams[f"LOG-{kept.tenant}"]
    assert log.parts[: len(log.parts) - 1] == held(first).streams[f"LOG-{kept.tenant}"].parts
    assert int(log.parts[-1][:19]) == held(first).streams[f"LOG-{kept.tenant}"].end + 1
    assert all(path.stat() == stat for path, stat in parts.items())
    assert kept.verified(first).ok
    assert kept.verified(second).ok


async def test_under_load_the_log_of_a_backup_has_what_its_databases_know(kept: Kept) -> None:
    async def load() -> None:
        while True:
            await kept.places(1)

    loading = asyncio.create_task(load())
    try:
        for _ in range(3):
            backup = await kept.backup()
            there = numbers(backup, kept.tenant)
            assert max(there.values()) == 1
            for database, known in held(backup).databases.items():
                for writer, next_ in known.writers.items():
                    if "." not in writer:
                        lacking = [n for n in range(1, next_) if (writer, n) not in there]
                        assert not lacking, (database, writer, lacking)
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)


async def test_any_damaged_byte_is_named_with_its_file(on_sqlite: Kept) -> None:
    kept, chance = on_sqlite, random.Random(22)
    backup = await kept.backup()
    assert kept.verified(backup).ok
    files = [path for path in kept.folder.rglob("*") if path.is_file() and path.stat().st_size]

    tried = 0
    for path in files:
        whole = path.read_bytes()
        for at in {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(SAMPLE))}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :])
            findings = kept.verified(backups_in(kept.folder)[0]).findings
            assert findings, (path, at)
            assert str(path) in findings[0].en
            assert str(path) in findings[0].zh
            tried += 1
            path.write_bytes(whole)
    assert tried > 10 * SAMPLE


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
    ],
)
async def test_a_file_that_is_missing_or_of_another_size_is_named(
    on_sqlite: Kept, damage: Callable[[Path], object]
) -> None:
    kept, backup = on_sqlite, await on_sqlite.backup()
    for name in held(backup).files:
        path = kept.folder / name
        if whole := path.read_bytes():
            damage(path)
            assert str(path) in kept.verified(backup).findings[0].en
            path.write_bytes(whole)
    assert kept.verified(backup).ok


async def test_of_an_interrupted_backup_nothing_is_left_and_the_next_one_is_whole(
    on_sqlite: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = on_sqlite
    for step in ("_databases", "_streams", "_files"):
        with monkeypatch.context() as patched:

            def fail(*_: object) -> None:
                raise KeyboardInterrupt

            patched.setattr(creating, step, fail)
            with pytest.raises(KeyboardInterrupt):
                await kept.backup()
        assert backups_in(kept.folder) == []
        assert [path for path in kept.folder.iterdir() if path.name not in {".lock", "streams"}] == []
    left = kept.folder / "20200101T000000Z.part"  # of a process that was killed
    shutil.copytree(kept.settings.secrets, left)

    assert kept.verified(await kept.backup()).ok
    assert not left.exists()


async def test_two_backups_at_once_are_made_one_after_the_other(on_sqlite: Kept) -> None:
    one, other = await asyncio.gather(on_sqlite.backup(), on_sqlite.backup())

    assert one.name != other.name
    assert on_sqlite.verified(one).ok
    assert on_sqlite.verified(other).ok


async def test_a_backup_beside_another_one_that_takes_long_is_refused(
    on_sqlite: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PATIENCE", 0.2)
    with folder.locked(on_sqlite.folder), pytest.raises(Problem, match="Another process"):
        await on_sqlite.backup()


async def test_a_backup_waits_for_nobody_and_keeps_nobody_waiting(kept: Kept) -> None:
    engine = make_engine(kept.settings.database_url("issues", kept.tenant), kept.settings.database_password)
    with engine.begin() as c:  # somebody writes
        c.execute(sa.text("UPDATE writer SET next = next"))
        backup = await asyncio.wait_for(kept.backup(), 20)
    engine.dispose()
    assert kept.verified(backup).ok
