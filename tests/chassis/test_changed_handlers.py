"""A release that handles other message types continues if they are not in the folded log; otherwise it rebuilds itself."""

import hashlib
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from microgov.folds import FOLDS
from microgov.services.chassis.fold.fold import types_of
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.store.bookkeeping import READER
from microgov.services.chassis.store.engine import engine
from tests.support.deployment import Deployment, deployed
from tests.support.servers import NatsServer, PostgresServer

ISSUES = next(service for service in FOLDS if service.name == "issues")
TYPES = types_of(ISSUES)
IN_LOG, NOT_IN_LOG = "directory.rules_changed.v1", "issues.settle_mediation.v1"
NUMBERS = count(1)


def without(kind: str) -> str:
    """All message types but this one, comma-separated."""
    return ",".join(one for one in TYPES if one != kind)


class RestartedIssues:
    """The service issues, which has folded the first messages of a tenant and is started again."""

    def __init__(self, nats_url: str, database: str, folder: Path) -> None:
        self.where = (nats_url, database, folder, f"handled{next(NUMBERS)}")
        self.engine = engine(database.format(service="issues", tenant=self.where[3]))

    def digest(self) -> str:
        with self.engine.connect() as c:
            return digest(c, ISSUES)

    def pretend_handled(self, handled: str) -> None:
        """Makes the database look like one of code that handled these types; a changed row later shows a rebuild."""
        with self.engine.begin() as c:
            c.execute(READER.update().where(READER.c.stream == "LOG").values(handled=handled))
            c.execute(sa.update(ISSUES.base.metadata.tables["place"]).values(name="mark"))

    def handled(self) -> str:
        """The message types that the database notes as handled, comma-separated."""
        with self.engine.connect() as c:
            return str(c.execute(sa.select(READER.c.handled).where(READER.c.stream == "LOG")).scalar_one())

    async def run_once(self) -> Deployment:
        async with deployed(*self.where, only=("gateway", "issues")) as deployment:
            await deployment.quiet()
            assert deployment.tenancies["issues"].health().ok
            return deployment


@pytest.fixture(params=["sqlite", "postgresql"])
async def restarted(
    request: pytest.FixtureRequest, nats_server: NatsServer, tmp_path: Path
) -> AsyncIterator[RestartedIssues]:
    url = f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite"
    if request.param == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        url = postgres.url("{service}_{tenant}")
    made = RestartedIssues(nats_server.url, url, tmp_path)
    yield made
    made.engine.dispose()


async def test_a_service_continues_if_no_new_type_is_in_the_folded_log(restarted: RestartedIssues) -> None:
    await restarted.run_once()
    assert restarted.handled() == ",".join(TYPES)
    restarted.pretend_handled(without(NOT_IN_LOG))
    before = restarted.digest()

    await restarted.run_once()

    assert restarted.digest() == before
    assert restarted.handled() == ",".join(TYPES)


async def test_a_hash_of_types_of_an_earlier_release_is_recognised(restarted: RestartedIssues) -> None:
    await restarted.run_once()
    restarted.pretend_handled(hashlib.sha256(",".join(TYPES).encode()).hexdigest()[:16])
    before = restarted.digest()

    await restarted.run_once()

    assert restarted.digest() == before
    assert restarted.handled() == ",".join(TYPES)


@pytest.mark.parametrize(
    ("handled", "because"),
    [
        (without(IN_LOG), f"{IN_LOG} stands at"),
        (",".join(sorted([*TYPES, "directory.change_rules.v1"])), "stands at"),
        ("0123456789abcdef", "not known"),
        ("without rates", "not known"),
    ],
    ids=["a-new-type", "one-no-more", "another-hash", "a-migration"],
)
async def test_a_service_rebuilds_itself_if_a_new_type_is_in_the_folded_log_or_may_be(
    restarted: RestartedIssues, handled: str, because: str, caplog: pytest.LogCaptureFixture
) -> None:
    await restarted.run_once()
    whole = restarted.digest()
    restarted.pretend_handled(handled)
    assert restarted.digest() != whole

    deployment = await restarted.run_once()

    assert restarted.digest() == whole
    assert deployment.tenancies["issues"].fold.position.seq > 0
    assert restarted.handled() == ",".join(TYPES)
    (said,) = [
        record for record in caplog.records if record.message.startswith("rebuilds from the beginning")
    ]
    assert because in str(vars(said)["given"]["why"])
