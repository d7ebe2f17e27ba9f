"""Secret ballots: the result counts the sealed votes in force, and is used like any other result."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgov.contracts import issues
from microgov.contracts.directory import PersonRegistered
from microgov.contracts.message import plain
from microgov.services.issues.deliberation.ballots import sealing
from microgov.testing.service_driver import names, refusal
from tests.issues import issue_steps, session_steps
from tests.issues.secret_ballot_steps import BallotWithTeller
from tests.support.property_budget import TRIES

PEOPLE = [f"p-{n}" for n in range(1, 9)]


def test_the_event_of_a_ballot_has_the_field_secret_only_if_the_ballot_is_secret() -> None:
    assert plain(BallotWithTeller().opened)["secret"] is True
    assert "secret" not in plain(issue_steps.open_ballot(issue_steps.start())[0].event)


@pytest.mark.machine
@settings(max_examples=5 * TRIES, deadline=None)
@given(
    votes=st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["opt-fence", "opt-flowers", ""])), max_size=25
    )
)
async def test_the_tally_counts_the_boxes_in_force(votes: list[tuple[str, str]]) -> None:
    voting, expected = await BallotWithTeller.with_key(), dict[str, str]()
    for person, option in votes:
        if option:
            assert voting.vote(person, option).replaced == (person in expected)
            expected[person] = option
        elif person in expected:
            voting.driver.say(issues.RetractVote(channel="app"), "b-1", by=person)
            del expected[person]

    closed = await voting.count()

    counts = [list(expected.values()).count(option) for option in ("opt-fence", "opt-flowers")]
    assert (closed.people, closed.spoiled, closed.quorum_met) == (len(expected), 0, len(expected) >= 3)
    assert [line.agree for line in closed.tally] == (counts if len(expected) >= 5 else [None, None])
    carried = [len(expected) >= 3 and count * 2 > sum(counts) for count in counts]
    assert [line.carried for line in closed.tally] == carried


async def test_in_a_ballot_on_each_option_one_box_holds_all_stances() -> None:
    voting = await BallotWithTeller.with_key("each")
    for person in PEOPLE[:3]:
        voting.vote_on_each(person, fence="agree", flowers="disagree")
    voting.vote_on_each("p-4", flowers="pass")
    voting.vote_on_each("p-5", fence="disagree")

    closed = await voting.count()

    fence, flowers = closed.tally
    assert (fence.agree, fence.disagree, fence.passed, fence.carried) == (3, 1, 0, True)
    assert (flowers.agree, flowers.disagree, flowers.passed, flowers.carried) == (0, 3, 1, False)
    assert closed.people == 5


@pytest.mark.parametrize(("spoiled", "read"), [(0, 4), (1, 4), (0, 5), (1, 5)])
async def test_with_fewer_than_five_readable_boxes_the_result_has_only_what_carried(
    spoiled: int, read: int
) -> None:
    voting = await BallotWithTeller.with_key()
    for person in PEOPLE[:read]:
        voting.vote(person)
    for person in PEOPLE[read : read + spoiled]:
        voting.cast(voting.seal(person, b"nothing"), person)

    closed = await voting.count()

    fence, flowers = [plain(line) for line in closed.tally]
    assert (closed.people, closed.spoiled) == (read + spoiled, spoiled)
    if read < 5:
        assert fence == {"option": "opt-fence", "carried": True}
        assert flowers == {"option": "opt-flowers", "carried": False}
        assert issue_steps.ballot(voting.driver).tally == []
    else:
        assert (fence["agree"], fence["carried"], flowers["agree"]) == (5, True, 0)
        assert [line.agree for line in issue_steps.ballot(voting.driver).tally] == [5, 0]


async def test_a_box_copied_by_another_person_is_spoiled_and_that_person_counts_as_taking_part() -> None:
    voting = await BallotWithTeller.with_key()
    for person in PEOPLE[:5]:
        voting.vote(person, "opt-flowers")
    voting.cast(voting.seal("p-1", sealing.one_of("opt-flowers")), "p-6")

    closed = await voting.count()

    assert (closed.people, closed.spoiled, closed.tally[1].agree) == (6, 1, 5)


async def test_without_quorum_nothing_carries() -> None:
    voting = await BallotWithTeller.with_key()
    voting.vote("p-1")
    voting.vote("p-2")

    closed = await voting.count()

    assert (closed.quorum_met, [line.carried for line in closed.tally]) == (False, [False, False])


async def test_the_result_leads_to_minutes_and_a_resolution_like_any_other() -> None:
    voting = await BallotWithTeller.with_key()
    for person in PEOPLE[:5]:
        voting.vote(person)
    driver = voting.driver

    ended = driver.wait(days=3)
    assert (names(ended), plain(ended[0].event)) == (["SecretBallotEnded"], {"people": 5})
    assert refusal(driver, issues.DraftMinutes(text="x"), "s-1", by="p-branch").code == "wrong_state"
    await voting.step()
    assert names(voting.fold()) == ["BallotClosed"]

    driver.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")
    assert refusal(driver, issues.ConfirmMinutes(channel="app"), "s-1", by="p-7").code == "not_present"
    for person in ("p-1", "p-2"):
        said = driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by=person)
    assert names(said) == ["MinutesSigned", "MinutesConfirmed"]
    assert (
        refusal(driver, issues.AdoptResolution(option="opt-flowers", items=[]), "topic-1", by="p-branch").code
        == "no_majority"
    )
    adopted = driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")
    assert names(adopted) == ["ResolutionAdopted", "DeliberationRecorded"]


async def test_a_count_that_is_reported_too_early_or_twice_changes_nothing() -> None:
    voting = await BallotWithTeller.with_key()
    voting.vote("p-1")
    counted = issues.SecretBallotCounted(people=1, spoiled=0, tally=[])

    assert voting.driver.hear(counted, "b-1") == []
    await voting.count()
    assert voting.driver.hear(counted, "b-1") == []
    assert issue_steps.topic(voting.driver).state == "deliberated"


async def test_answers_show_the_key_and_the_result_and_never_a_running_tally() -> None:
    voting = BallotWithTeller()
    driver = voting.driver
    assert (issue_steps.ballot(driver).secret, issue_steps.ballot(driver).seal) == (True, None)
    await voting.step()
    voting.fold()
    for person in PEOPLE[:5]:
        voting.vote(person)

    running = issue_steps.ballot(driver)
    assert running.seal is not None
    assert (running.state, running.people, running.tally) == ("sealed", 5, [])
    assert running.options == ["opt-fence", "opt-flowers"]
    assert {option.tally for option in issue_steps.show(driver).topics[0].options} == {None}
    await voting.count()

    shown = issue_steps.show(driver).topics[0]
    assert [option.tally.agree for option in shown.options if option.tally] == [5, 0]
    assert shown.people == 5
    assert [line.agree for line in issue_steps.ballot(driver).tally] == [5, 0]


def test_the_answer_about_an_open_ballot_has_its_running_tally() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    driver.say(issue_steps.voting(), "b-1", by="p-1")

    shown = issue_steps.ballot(driver)

    assert (shown.secret, shown.seal, [line.agree for line in shown.tally]) == (False, None, [1, 0])


def test_the_answer_says_that_an_option_carried_only_once_the_ballot_is_closed() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    for person in PEOPLE[:3]:
        driver.say(issue_steps.voting(), "b-1", by=person)

    running = issue_steps.ballot(driver)
    driver.wait(days=3)
    closed = issue_steps.ballot(driver)

    assert [line.carried for line in running.tally] == [False, False]
    assert [line.carried for line in closed.tally] == [True, False]


async def test_the_last_box_of_a_household_counts_whoever_sealed_it() -> None:
    rules = {"kinds": [session_steps.procedure("micro_topic", electorate="household", quorum=1)]}
    voting = await BallotWithTeller.with_key(driver=issue_steps.start(procedure=rules))
    homes = {
        m.data.person: m.data.household
        for m in voting.driver.everything
        if isinstance(m.data, PersonRegistered)
    }
    assert homes["p-1"] == homes["p-2"]
    voting.vote("p-1", "opt-fence")

    replaced = voting.vote("p-2", "opt-flowers")
    for person in PEOPLE[2:]:
        voting.vote(person, "opt-fence")
    closed = await voting.count()

    assert (replaced.replaced, replaced.person) == (True, "p-2")
    assert (closed.people, closed.spoiled) == (len(set(homes.values())), 0)
    fence, flowers = (line.carried for line in closed.tally)
    assert fence
    assert not flowers


async def test_anybody_of_a_household_may_retract_its_vote() -> None:
    rules = {"kinds": [session_steps.procedure("micro_topic", electorate="household", quorum=1)]}
    voting = await BallotWithTeller.with_key(driver=issue_steps.start(procedure=rules))
    voting.vote("p-1", "opt-fence")
    voting.vote("p-3", "opt-flowers")

    voting.driver.say(issues.RetractVote(channel="app"), "b-1", by="p-2")
    closed = await voting.count()

    assert (closed.people, closed.spoiled) == (1, 0)
    assert [line.carried for line in closed.tally] == [False, True]
