"""A dump of kept rows brings back every value, on the same database and on the other one, and refuses what does not fit."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.safekeeping import kept_rows
from microgov.safekeeping.kept_rows import NotLoaded, line_of
from microgov.services.chassis.installed import installed
from microgov.services.chassis.store import create_tables, migrate
from microgov.services.chassis.store.engine import engine
from tests.support.servers import PostgresServer

HOMES = [one.name for one in installed()]
TEXTS = ("", "路灯不亮", 'a "quoted" \\ line\n', "\u2028", "x" * 5000)
NUMBERS = (0, -1, 2**63 - 1, -(2**63))


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database, into which a dump is loaded."""
    if request.param == "sqlite":
        yield engine(f"sqlite:///{tmp_path}/other.sqlite")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = engine(server.create(f"kept{random.SystemRandom().randint(0, 10**12)}"))
    yield made
    made.dispose()


@pytest.fixture
def one(tmp_path: Path) -> Engine:
    return engine(f"sqlite:///{tmp_path}/one.sqlite")


def folded(home: str) -> frozenset[str]:
    return frozenset(migrate.metadata_of(home)[0].tables)


def dumped(c: Connection, home: str) -> list[bytes]:
    tables = kept_rows.kept_tables(c, folded(home))
    return [kept_rows.line_of(table.name, row) for table in tables for row in kept_rows.rows_of(c, table)]


def rows_of(table: sa.Table, count: int) -> list[dict[str, object]]:
    """Rows with every kind of value; the keys differ."""
    chance = random.Random(table.name)
    return [{c.name: _value(c, n, chance) for c in table.columns} for n in range(count)]


def _value(column: sa.Column[object], n: int, chance: random.Random) -> object:
    if column.nullable and chance.random() < 0.3:
        return None
    kind = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
    if isinstance(kind, sa.Boolean):
        return chance.random() < 0.5
    if isinstance(kind, sa.Integer):
        return n if column.primary_key else chance.choice(NUMBERS)
    if isinstance(kind, sa.LargeBinary):
        return chance.randbytes(chance.choice((0, 1, 32)))
    return f"{n:05d}{chance.choice(TEXTS[:3])}" if column.primary_key else chance.choice(TEXTS)


def fill(c: Connection, home: str, count: int = 3) -> None:
    """Makes the tables of the service and puts rows into all of them, past the conversions of their columns."""
    create_tables.make(c, migrate.metadata_of(home))
    for metadata in migrate.metadata_of(home):
        for table in metadata.tables.values():
            plain = sa.table(table.name, *(sa.column(one.name) for one in table.columns))
            c.execute(plain.insert(), rows_of(table, count))


@pytest.mark.parametrize("home", HOMES)
def test_what_was_dumped_is_loaded_and_dumped_again(home: str, one: Engine, other: Engine) -> None:
    with one.begin() as c:
        fill(c, home, 2500 if home == "gateway" else 3)
        lines = dumped(c, home)
    with other.begin() as c:
        create_tables.make(c, migrate.metadata_of(home))
        counts = kept_rows.load(c, folded(home), lines)
        again = dumped(c, home)

    assert again == lines
    assert sum(counts.values()) == len(lines)
    names = {table.name for metadata in migrate.metadata_of(home)[1:] for table in metadata.tables.values()}
    assert counts.keys() == names - {"lease"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (line_of("nowhere", {"id": "1"}), "no table nowhere"),
        (line_of("mark", {"stream": "LOG", "seq": 1, "tries": 1, "colour": "red"}), "no column colour"),
    ],
)
def test_a_dump_that_does_not_fit_is_refused(line: bytes, why: str, one: Engine) -> None:
    with one.begin() as c:
        create_tables.make(c, migrate.metadata_of("issues"))
        with pytest.raises(NotLoaded, match=why):
            kept_rows.load(c, folded("issues"), [line])


def test_rows_are_not_added_to_rows(one: Engine) -> None:
    line = line_of("mark", {"stream": "LOG", "seq": 1, "tries": 1})
    with one.begin() as c:
        create_tables.make(c, migrate.metadata_of("issues"))
        kept_rows.load(c, folded("issues"), [line])
        with pytest.raises(NotLoaded, match="holds rows already"):
            kept_rows.load(c, folded("issues"), [line.replace(b"LOG", b"IN")])
