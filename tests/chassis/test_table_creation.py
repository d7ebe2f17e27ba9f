"""Tables are created only in an empty database or in one with the same tables, never in a database with other tables."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.folds import FOLDS
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store.create_tables import Occupied
from microgov.services.chassis.store.engine import engine
from tests.support.servers import PostgresServer

ISSUES = next(service for service in FOLDS if service.name == "issues")


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return engine(f"sqlite:///{tmp_path}/issues.sqlite")
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return engine(postgres.create("occupied"))


def test_a_database_with_other_tables_is_not_changed(made: Engine) -> None:
    with made.begin() as c:
        c.exec_driver_sql("CREATE TABLE issue (id TEXT)")
        c.exec_driver_sql("INSERT INTO issue VALUES ('mine')")

    with pytest.raises(Occupied, match=r"holds issue, made by others.*Name an empty database"):
        prepare(made, ISSUES)

    with made.connect() as c:
        assert sa.inspect(c).get_table_names() == ["issue"]
        assert c.exec_driver_sql("SELECT id FROM issue").scalars().all() == ["mine"]
    made.dispose()


def test_tables_of_an_earlier_run_are_emptied(made: Engine) -> None:
    prepare(made, ISSUES)
    person = ISSUES.base.metadata.tables["person"]
    with made.begin() as c:
        c.execute(person.insert().values(id="p", household="h", place="yuan"))

    prepare(made, ISSUES)

    with made.connect() as c:
        assert c.execute(sa.select(person)).all() == []
    made.dispose()
