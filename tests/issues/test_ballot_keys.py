"""The key of a secret ballot: one for each ballot, in no message and no digest, and overwritten when it is destroyed."""

import base64
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import canonical, plain
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.handlers import service
from microgov.services.issues.model import BallotKey
from microgov.testing.driver_session import DriverSession
from microgov.testing.service_driver import ServiceDriver, idle_driver
from tests.issues.secret_ballot_steps import VOTERS, BallotWithTeller


async def test_a_key_is_made_once_and_its_public_part_is_reported() -> None:
    voting = BallotWithTeller()

    assert [await voting.step() for _ in range(3)] == [1, 0, 0]

    made, key = voting.reports[0][1], voting.kept_keys()[0]
    assert isinstance(made, issues.BallotKeyMade)
    assert (made.key, made.public) == (key.key, key.public)
    assert made.length == len('{"option":"opt-flowers"}')


async def test_an_open_ballot_gets_no_key() -> None:
    voting = BallotWithTeller()
    voting.driver.s.delete(voting.driver.row(SecretBallot, "b-1"))  # only a secret ballot has this row

    assert await voting.step() == 0
    assert voting.kept_keys() == []


async def test_after_a_crash_before_the_report_the_same_key_is_reported() -> None:
    voting = BallotWithTeller()
    await voting.step()
    first, voting.reports = voting.reports, []

    voting.teller = voting.new_teller()
    await voting.step()

    assert voting.reports == first
    assert len(voting.kept_keys()) == 1


async def test_a_second_key_that_is_reported_for_a_ballot_is_ignored() -> None:
    voting = await BallotWithTeller.with_key()
    first = voting.public_seal()

    voting.driver.hear(issues.BallotKeyMade(key="other", public="A" * 43, length=9), "b-1")

    assert voting.public_seal() == first


async def test_the_private_key_is_in_no_message_and_in_no_folded_table() -> None:
    voting = await BallotWithTeller.with_key()
    private = voting.kept_keys()[0].private
    for person in VOTERS:
        voting.vote(person)
    await voting.count()

    everything = b"".join(canonical(plain(m)) for m in [*voting.driver.log, *voting.reported]) + folded_bytes(
        voting
    )

    assert len(voting.reported) == 2
    assert voting.public_seal().public.encode() in everything
    for form in (
        private,
        private.hex().encode(),
        base64.b64encode(private)[:40],
        base64.urlsafe_b64encode(private)[:40],
    ):
        assert form not in everything


def folded_bytes(voting: BallotWithTeller) -> bytes:
    """The values of all rows in folded tables, joined."""
    voting.driver.s.commit()
    with voting.engine.connect() as c:
        return b"".join(
            repr(tuple(row)).encode()
            for table in service.base.metadata.tables.values()
            for row in c.execute(table.select())
        )


async def test_keys_are_in_no_digest() -> None:
    voting = BallotWithTeller()
    voting.driver.s.commit()
    with voting.engine.connect() as c:
        before = digest(c, service)

    await voting.step()

    with voting.engine.connect() as c:
        assert voting.kept_keys()
        assert digest(c, service) == before


async def test_on_sqlite_a_destroyed_key_is_overwritten_in_the_file(tmp_path: Path) -> None:
    """Even if SQLite leaves the bytes of deleted rows in the file, which is the default of some builds."""
    file = tmp_path / "issues.sqlite"
    engine = make_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=OFF"))
    service.base.metadata.create_all(engine)
    voting = await BallotWithTeller.with_key(
        driver=idle_driver(ServiceDriver(service, DriverSession(engine)))
    )
    private = voting.kept_keys()[0].private
    voting.driver.s.commit()
    checkpoint(file)
    assert private in file.read_bytes()

    await voting.count()
    voting.driver.s.close()

    checkpoint(file)
    assert private not in file.read_bytes()
    engine.dispose()


def checkpoint(file: Path) -> None:
    """Moves all changes from the write-ahead log into the database file."""
    beside = create_engine(f"sqlite:///{file}")
    with beside.connect() as c:
        c.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    beside.dispose()


async def test_a_teller_reports_the_key_that_another_teller_stored_while_this_one_made_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voting, make_key = BallotWithTeller(), sealing.make_key

    def make_key_after_another_teller() -> bytes:
        with Session(voting.engine) as s:
            s.add(BallotKey(ballot="b-1", key="first", public="A" * 43, private=b"x" * 32))
            s.commit()
        return make_key()

    monkeypatch.setattr(sealing, "make_key", make_key_after_another_teller)
    await voting.step()

    assert [key.key for key in voting.kept_keys()] == ["first"]
    assert [fact.key for fact in voting.reported if isinstance(fact, issues.BallotKeyMade)] == ["first"]
