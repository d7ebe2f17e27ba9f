"""The teller: one key for a ballot whatever crashes, counted once, and then the key is gone."""

import asyncio
import base64
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import canonical, plain
from microgov.services.chassis.replay.replay import digest
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.chassis.store.engine import reading
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.edge.teller import unreported
from microgov.services.issues.handlers import service
from microgov.services.issues.model import BallotKey
from tests.issues.secret_ballot_steps import Hall
from tests.support.fold_session import DriverSession
from tests.support.service_driver import ServiceDriver, idle_driver

FIVE = [f"p-{n}" for n in range(1, 6)]


def kinds(hall: Hall) -> list[str]:
    return [type(fact).__name__ for _, fact in hall.reports]


async def test_a_key_is_made_once_and_named() -> None:
    hall = Hall()

    assert [await hall.step() for _ in range(3)] == [1, 0, 0]

    made, key = hall.reports[0][1], hall.kept()[0]
    assert isinstance(made, issues.BallotKeyMade)
    assert (made.key, made.public) == (key.key, key.public)
    assert made.length == len('{"option":"opt-flowers"}')


async def test_an_open_ballot_gets_no_key() -> None:
    hall = Hall()
    hall.driver.s.delete(hall.driver.row(SecretBallot, "b-1"))  # which is how an open one differs

    assert await hall.step() == 0
    assert hall.kept() == []


async def test_after_a_crash_before_the_report_the_same_key_is_named() -> None:
    hall = Hall()
    await hall.step()
    first, hall.reports = hall.reports, []

    hall.teller = hall.another()
    await hall.step()

    assert hall.reports == first
    assert len(hall.kept()) == 1


async def test_of_two_keys_the_first_that_was_named_stays() -> None:
    hall = await Hall.ready()
    named = hall.driver.row(SecretBallot, "b-1").key

    hall.driver.hear(issues.BallotKeyMade(key="other", public="A" * 43, length=9), "b-1")

    assert hall.driver.row(SecretBallot, "b-1").key == named


async def test_the_boxes_are_counted_once_and_then_the_key_is_gone() -> None:
    hall = await Hall.ready()
    for person in FIVE:
        hall.vote(person)
    assert await hall.step() == 0
    hall.driver.wait(days=3)

    assert [await hall.step() for _ in range(3)] == [1, 0, 0]
    assert kinds(hall) == ["SecretBallotCounted"]
    assert len(hall.kept()) == 1
    hall.fold()
    assert await hall.step() == 0

    assert hall.kept() == []


async def test_a_crash_between_the_report_and_the_destroying_changes_nothing() -> None:
    hall = await Hall.ready()
    for person in FIVE:
        hall.vote(person)
    hall.driver.wait(days=3)
    await hall.step()
    first, hall.reports = hall.reports, []

    hall.teller = hall.another()
    await hall.step()
    assert hall.reports == first
    hall.fold()
    hall.teller = hall.another()
    await hall.step()

    assert hall.reports == []
    assert hall.kept() == []


async def test_a_report_that_fails_is_made_again() -> None:
    hall = Hall()

    async def fails(facts: object) -> None:
        raise OSError

    hall.teller._report = fails
    with pytest.raises(OSError):
        await hall.step()
    hall.teller._report = hall.report

    assert await hall.step() == 1


async def test_a_ballot_that_fails_is_set_aside_and_the_others_have_their_keys() -> None:
    hall = Hall()
    first = hall.driver.row(Ballot, "b-1")
    more = {column.key: getattr(first, column.key) for column in Ballot.__mapper__.column_attrs}
    hall.driver.s.add_all(
        [Ballot(**{**more, "id": "b-2"}), SecretBallot(ballot="b-2", key=None, public=None, length=None)]
    )
    hall.driver.s.add(BallotKey(ballot="b-1", key="k-1", public="no key at all", private=b"x" * 32))

    assert [await hall.step() for _ in range(2)] == [1, 0]
    assert [(ballot, type(fact)) for ballot, fact in hall.reports] == [("b-2", issues.BallotKeyMade)]

    hall.kept()[0].public = "A" * 43
    hall.driver.s.commit()
    await asyncio.sleep(1.1)
    assert await hall.step() == 1
    assert hall.reports[1][0] == "b-1"


async def test_a_ballot_whose_key_was_lost_ends_with_all_votes_spoiled() -> None:
    hall = await Hall.ready()
    for person in FIVE:
        hall.vote(person)
    hall.driver.s.delete(hall.kept()[0])

    closed = await hall.count()

    assert (closed.people, closed.spoiled, closed.quorum_met) == (5, 5, True)
    assert not any(line.carried for line in closed.tally)


async def test_a_ballot_that_ended_before_it_had_a_key_is_counted_all_the_same() -> None:
    hall = Hall()

    closed = await hall.count()

    assert (closed.people, closed.spoiled, closed.quorum_met) == (0, 0, False)


async def test_the_house_is_not_at_rest_while_a_key_or_a_count_is_owed() -> None:
    hall, found = Hall(), list[int]()

    def note() -> None:
        hall.driver.s.commit()
        with reading(hall.engine) as c:
            found.append(unreported(c))

    note()
    await hall.step()
    hall.fold()
    note()
    hall.driver.wait(days=3)
    note()
    await hall.step()
    hall.fold()
    note()

    assert found == [1, 0, 1, 0]


async def test_the_private_key_stands_in_no_message_and_in_no_folded_table() -> None:
    hall = await Hall.ready()
    private = hall.kept()[0].private
    for person in FIVE:
        hall.vote(person)
    await hall.count()

    everything = b"".join(canonical(plain(m)) for m in [*hall.driver.log, *hall.told]) + rows(hall)

    assert len(hall.told) == 2
    assert hall.driver.row(SecretBallot, "b-1").public.encode() in everything
    for form in (
        private,
        private.hex().encode(),
        base64.b64encode(private)[:40],
        base64.urlsafe_b64encode(private)[:40],
    ):
        assert form not in everything


def rows(hall: Hall) -> bytes:
    """All folded rows, as text."""
    hall.driver.s.commit()
    with hall.engine.connect() as c:
        return b"".join(
            repr(tuple(row)).encode()
            for table in service.base.metadata.tables.values()
            for row in c.execute(table.select())
        )


async def test_keys_are_in_no_digest() -> None:
    hall = Hall()
    hall.driver.s.commit()
    with hall.engine.connect() as c:
        before = digest(c, service)

    await hall.step()

    with hall.engine.connect() as c:
        assert hall.kept()
        assert digest(c, service) == before


async def test_on_sqlite_a_destroyed_key_is_overwritten_in_the_file(tmp_path: Path) -> None:
    """Also where SQLite was built to leave deleted rows as they are."""
    file = tmp_path / "issues.sqlite"
    engine = make_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=OFF"))
    service.base.metadata.create_all(engine)
    hall = await Hall.ready(driver=idle_driver(ServiceDriver(service, DriverSession(engine))))
    private = hall.kept()[0].private
    hall.driver.s.commit()
    checkpoint(file)
    assert private in file.read_bytes()

    await hall.count()
    hall.driver.s.close()

    checkpoint(file)
    assert private not in file.read_bytes()
    engine.dispose()


def checkpoint(file: Path) -> None:
    """Everything is in the file itself."""
    beside = create_engine(f"sqlite:///{file}")
    with beside.connect() as c:
        c.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    beside.dispose()


async def test_of_two_tellers_at_once_both_name_the_key_that_was_kept_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall, make_key = Hall(), sealing.make_key

    def slowly() -> bytes:
        with Session(hall.engine) as s:
            s.add(BallotKey(ballot="b-1", key="first", public="A" * 43, private=b"x" * 32))
            s.commit()
        return make_key()

    monkeypatch.setattr(sealing, "make_key", slowly)
    await hall.step()

    assert [key.key for key in hall.kept()] == ["first"]
    assert [fact.key for fact in hall.told if isinstance(fact, issues.BallotKeyMade)] == ["first"]
