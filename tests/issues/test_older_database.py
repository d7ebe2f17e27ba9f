"""A database that folded messages before a newer table existed is marked for a rebuild from the log.

Otherwise rows of that table would be missing, and counts silently wrong. The mark is the value of `handled`.
"""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.bookkeeping import READER
from microgov.services.chassis.store.engine import engine
from tests.support.servers import PostgresServer


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("since", ["0006", "0007"])
@pytest.mark.parametrize(("seq", "handled"), [(7, "without sessions in rooms"), (0, "abc")])
def test_only_a_database_that_has_folded_something_is_marked_for_a_rebuild(
    database: str, since: str, seq: int, handled: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    postgres: PostgresServer | None = (
        request.getfixturevalue("postgres") if database == "postgresql" else None
    )
    made = engine(
        postgres.create(f"upgrade_{seq}_{since}") if postgres else f"sqlite:///{tmp_path}/issues.sqlite"
    )
    row = {"stream": "LOG", "seq": seq, "event_id": "e", "handled": "abc", "now": 0, "epoch": 1}
    with made.begin() as c:
        command.upgrade(migrate.configured("issues", c), since)
        c.execute(READER.insert().values(**row))
        c.execute(
            sa.text(
                "INSERT INTO ballot (id, version, issue, topic, session, place, state, kind, closes_at, quorum, "
                "majority_per_mille, people) VALUES ('b', 1, 'i', 't', 's', 'p', 'open', 'each', 0, 3, 500, 7)"
            )
        )

    migrate.upgrade(made, "issues")

    with made.connect() as c:
        assert c.execute(sa.select(READER.c.handled)).scalar_one() == handled
    made.dispose()
