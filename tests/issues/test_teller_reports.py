"""The teller in the real edge: each report is in the outbox once, however often a crash makes the edge begin again."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from microgov.contracts import issues
from microgov.contracts.message import parse
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.bookkeeping import OUTBOX
from microgov.services.issues.app import tenancy
from microgov.services.issues.handlers import service
from microgov.services.issues.model import BallotKey
from microgov.testing.driver_session import DriverSession
from microgov.testing.service_driver import ServiceDriver, idle_driver
from tests.issues.secret_ballot_steps import BallotWithTeller
from tests.support.servers import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: a SQLite file, in whose name `{service}` is filled in, or PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/{{service}}.sqlite"
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return postgres.create("issues_teller")


def outbox(of: Tenancy) -> list[dict[str, Any]]:
    """The messages of the edge in the outbox, in order."""
    with of.engine.connect() as c:
        rows = c.execute(
            sa.select(OUTBOX.c.data).where(OUTBOX.c.writer == "issues-edge").order_by(OUTBOX.c.n)
        ).scalars()
        return [json.loads(row) for row in rows]


async def test_a_key_and_a_count_are_reported_once_whatever_crashes(database: str) -> None:
    of = tenancy(TenantSettings(name="teller"), Settings(database=database))
    migrate.upgrade(of.engine, "issues")
    await of.lease.take()
    driver = idle_driver(ServiceDriver(service, DriverSession(of.engine)))
    voting = BallotWithTeller(driver=driver)

    async def run_edge_twice() -> dict[str, Any]:
        """Runs the edge twice, each time as after a crash; returns the last message of the outbox."""
        driver.s.commit()
        for _ in range(2):
            of.begin()
            for step in of.edge.further_tasks:
                await step()
        return outbox(of)[-1]

    made = await run_edge_twice()
    driver.hear(issues.BallotKeyMade.model_validate(made["data"]), "b-1")
    for person in ("p-1", "p-2", "p-3", "p-4", "p-5"):
        voting.vote(person)
    driver.wait(days=3)
    counted = await run_edge_twice()
    driver.hear(issues.SecretBallotCounted.model_validate(counted["data"]), "b-1")
    await run_edge_twice()

    assert [(m["type"], m["subject"], m["sequence"]) for m in outbox(of)] == [
        ("issues.ballot_key_made.v1", "b-1", f"{1:019}"),
        ("issues.secret_ballot_counted.v1", "b-1", f"{2:019}"),
    ]
    assert (
        parse(f"log.teller.issues-edge.{counted['type']}", json.dumps(counted).encode()).authid
        == "issues-edge"
    )
    with of.engine.connect() as c:
        assert c.execute(sa.select(BallotKey)).all() == []
    driver.s.close()
    of.engine.dispose()
