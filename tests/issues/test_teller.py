"""The teller: every secret ballot is counted once, whatever crashes or is lost, and then its key is destroyed."""

import asyncio

import pytest

from microgov.contracts import issues
from microgov.contracts.message import plain
from microgov.services.chassis.store.engine import reading
from microgov.services.issues.deliberation.ballots import lost_key
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.edge.teller import unreported
from microgov.services.issues.model import BallotKey
from tests.issues import issue_steps
from tests.issues.secret_ballot_steps import VOTERS, BallotWithTeller


def kinds(voting: BallotWithTeller) -> list[str]:
    """The names of the events reported and not folded yet."""
    return [type(fact).__name__ for _, fact in voting.reports]


async def test_the_boxes_are_counted_once_and_then_the_key_is_destroyed() -> None:
    voting = await BallotWithTeller.with_key()
    for person in VOTERS:
        voting.vote(person)
    assert await voting.step() == 0
    voting.driver.wait(days=3)

    assert [await voting.step() for _ in range(3)] == [1, 0, 0]
    assert kinds(voting) == ["SecretBallotCounted"]
    assert len(voting.kept_keys()) == 1
    voting.fold()
    assert await voting.step() == 0

    assert voting.kept_keys() == []


async def test_a_crash_between_the_report_and_the_destruction_of_the_key_changes_nothing() -> None:
    voting = await BallotWithTeller.with_key()
    for person in VOTERS:
        voting.vote(person)
    voting.driver.wait(days=3)
    await voting.step()
    first, voting.reports = voting.reports, []

    voting.teller = voting.new_teller()
    await voting.step()
    assert voting.reports == first
    voting.fold()
    voting.teller = voting.new_teller()
    await voting.step()

    assert voting.reports == []
    assert voting.kept_keys() == []


async def test_a_report_that_fails_is_made_again() -> None:
    voting = BallotWithTeller()

    async def failing_report(facts: object) -> None:
        raise OSError

    voting.teller._report = failing_report
    with pytest.raises(OSError):
        await voting.step()
    voting.teller._report = voting.report

    assert await voting.step() == 1


async def test_a_ballot_that_fails_is_set_aside_and_the_others_have_their_keys() -> None:
    voting = BallotWithTeller()
    first = voting.driver.row(Ballot, "b-1")
    more = {column.key: getattr(first, column.key) for column in Ballot.__mapper__.column_attrs}
    voting.driver.s.add_all(
        [Ballot(**{**more, "id": "b-2"}), SecretBallot(ballot="b-2", key=None, public=None, length=None)]
    )
    voting.driver.s.add(BallotKey(ballot="b-1", key="k-1", public="no key at all", private=b"x" * 32))

    assert [await voting.step() for _ in range(2)] == [1, 0]
    assert [(ballot, type(fact)) for ballot, fact in voting.reports] == [("b-2", issues.BallotKeyMade)]

    voting.kept_keys()[0].public = "A" * 43
    voting.driver.s.commit()
    await asyncio.sleep(1.1)  # the teller tries a ballot that failed again after a second
    assert await voting.step() == 1
    assert voting.reports[1][0] == "b-1"


async def with_lost_key(behaviour: int) -> BallotWithTeller:
    """A ballot with five votes, of which the last person has retracted one and another voted twice; its key is lost."""
    driver = issue_steps.start(house={"behaviour": behaviour})
    voting = await BallotWithTeller.with_key(driver=driver)
    for person in VOTERS:
        voting.vote(person)
    voting.vote(VOTERS[0], "opt-flowers")
    driver.say(issues.RetractVote(channel="app"), "b-1", by=VOTERS[-1])
    driver.s.delete(voting.kept_keys()[0])
    driver.wait(days=3)
    await voting.step()
    return voting


async def test_a_ballot_whose_key_is_lost_is_to_be_repeated_and_names_everybody_who_voted() -> None:
    voting = await with_lost_key(5)

    ended, lost = voting.fold()

    assert plain(ended.event) == {"issue": "veg-1", "topic": "topic-1", "session": "s-1", "people": 4}
    assert isinstance(lost.event, issues.VotesLost)
    assert lost.event.people == VOTERS[:-1]
    assert issue_steps.ballot(voting.driver).state == "to_repeat"
    assert [await voting.step() for _ in range(3)] == [0, 0, 0]


async def test_another_session_can_be_convened_after_a_lost_ballot() -> None:
    voting = await with_lost_key(5)
    voting.fold()

    again = issue_steps.convening(voting.driver, "s-2")
    (convened,) = voting.driver.say(again, "topic-1", by="p-branch")
    assert isinstance(convened.event, issues.SessionConvened)


async def test_a_second_report_of_a_lost_key_and_a_late_count_change_nothing() -> None:
    voting = await with_lost_key(5)
    voting.fold()

    for event in (issues.BallotKeyLost(), issues.SecretBallotCounted(people=4, spoiled=0, tally=[])):
        assert voting.driver.hear(event, "b-1", by="issues-edge") == []


async def test_of_thousands_of_voters_each_message_names_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_key, "TOGETHER", 3)
    voting = await with_lost_key(5)

    _, *lost = voting.fold()

    assert [len(plain(one.event)["people"]) for one in lost] == [3, 1]
    assert len({one.event.model_dump_json() for one in lost}) == 2


async def test_a_ballot_without_votes_needs_no_key() -> None:
    voting = await BallotWithTeller.with_key(driver=issue_steps.start(house={"behaviour": 5}))
    voting.driver.s.delete(voting.kept_keys()[0])

    assert (await voting.count()).people == 0


async def test_before_behaviour_5_a_ballot_whose_key_was_lost_ends_with_all_votes_spoiled() -> None:
    voting = await BallotWithTeller.with_key()
    for person in VOTERS:
        voting.vote(person)
    voting.driver.s.delete(voting.kept_keys()[0])

    closed = await voting.count()

    assert (closed.people, closed.spoiled, closed.quorum_met) == (5, 5, True)
    assert not any(line.carried for line in closed.tally)


async def test_a_ballot_that_ended_before_it_had_a_key_is_counted_all_the_same() -> None:
    voting = BallotWithTeller()

    closed = await voting.count()

    assert (closed.people, closed.spoiled, closed.quorum_met) == (0, 0, False)


async def test_a_ballot_without_its_key_or_its_count_is_unreported() -> None:
    voting, found = BallotWithTeller(), list[int]()

    def count_unreported() -> None:
        """Adds the number of unreported ballots to `found`."""
        voting.driver.s.commit()
        with reading(voting.engine) as c:
            found.append(unreported(c))

    count_unreported()
    await voting.step()
    voting.fold()
    count_unreported()
    voting.driver.wait(days=3)
    count_unreported()
    await voting.step()
    voting.fold()
    count_unreported()

    assert found == [1, 0, 1, 0]
