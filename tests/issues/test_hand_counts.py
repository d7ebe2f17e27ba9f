"""Hand counts in a session: two other people are witnesses, the counts add up, and the session ends as after a ballot."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.message import plain
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps, session_steps


def start_convened() -> ServiceDriver:
    """A service with an online session `s-1` on `topic-1`."""
    driver = issue_steps.start()
    issue_steps.propose(driver)
    driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")
    return driver


def code_and_field(driver: ServiceDriver, command: issues.RecordHandCount, **how: Any) -> tuple[str, str]:
    """The error code and the field with which the hand count `b-1` is refused."""
    refused = refusal(driver, command, "b-1", **{"by": "p-branch", **how})
    return refused.code, refused.field


def test_a_count_of_hands_ends_the_session_as_a_ballot_does() -> None:
    driver = start_convened()

    recorded, closed = (said.event for said in driver.say(session_steps.hand_count(), "b-1", by="p-branch"))

    assert isinstance(recorded, issues.HandCountRecorded)
    assert isinstance(closed, issues.BallotClosed)
    assert (recorded.witnesses, recorded.quorum, recorded.options) == (
        ["p-5", "p-6"],
        3,
        ["opt-fence", "opt-flowers"],
    )
    assert (closed.people, closed.quorum_met, closed.spoiled) == (7, True, None)
    assert [(line.option, line.agree, line.carried) for line in closed.tally] == [
        ("opt-fence", 5, True),
        ("opt-flowers", 2, False),
    ]
    assert issue_steps.ballot(driver).state == "closed"
    assert issue_steps.session(driver).state == "adjourned"
    assert issue_steps.topic(driver).state == "deliberated"
    assert driver.wait(days=9) == []


def test_the_witnesses_confirm_the_minutes() -> None:
    driver = start_convened()
    driver.say(session_steps.hand_count(), "b-1", by="p-branch")
    drafted = driver.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")[0].event
    assert plain(drafted)["needed"] == 2

    assert refusal(driver, issues.ConfirmMinutes(channel="app"), "s-1", by="p-1").code == "not_present"
    driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-5")
    said = driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-6")

    assert names(said) == ["MinutesSigned", "MinutesConfirmed"]
    assert driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")


def test_no_more_signatures_are_needed_than_there_are_witnesses() -> None:
    driver = issue_steps.start(deliberation={"confirmations": 5})
    issue_steps.propose(driver)
    driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")
    driver.say(session_steps.hand_count(), "b-1", by="p-branch")

    assert plain(driver.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")[0].event)["needed"] == 2


def test_in_a_hand_count_on_each_option_a_pass_counts_neither_for_nor_against() -> None:
    driver = start_convened()
    each = session_steps.hand_count(("opt-fence", 2, 1, 4), ("opt-flowers", 3, 4, 0), kind="each")

    closed = driver.say(each, "b-1", by="p-branch")[1].event

    assert isinstance(closed, issues.BallotClosed)
    assert [line.carried for line in closed.tally] == [True, False]


def test_without_quorum_nothing_carries() -> None:
    closed = (
        start_convened()
        .say(session_steps.hand_count(("opt-fence", 2, 0, 0), people=2), "b-1", by="p-branch")[1]
        .event
    )

    assert isinstance(closed, issues.BallotClosed)
    assert not closed.quorum_met
    assert [(line.agree, line.carried) for line in closed.tally] == [(2, False), (0, False)]


@pytest.mark.rule("2.1.8", "hand counts have two witnesses")
@pytest.mark.parametrize("witnesses", [["p-5", "p-5"], ["p-5", "p-branch"], ["p-branch", "p-6", "p-7"]])
def test_a_hand_count_needs_two_witnesses_beside_the_person_who_records_it(witnesses: list[str]) -> None:
    assert code_and_field(start_convened(), session_steps.hand_count(witnesses=witnesses)) == (
        "witnesses_missing",
        "data.witnesses",
    )


def test_the_person_on_whose_behalf_a_count_is_recorded_is_no_witness() -> None:
    assert code_and_field(start_convened(), session_steps.hand_count(), on_behalf_of="p-5") == (
        "witnesses_missing",
        "data.witnesses",
    )


def test_a_witness_must_be_registered() -> None:
    assert code_and_field(start_convened(), session_steps.hand_count(witnesses=["p-5", "p-99"])) == (
        "not_registered",
        "data.witnesses",
    )


@pytest.mark.parametrize(
    ("counts", "changed"),
    [
        ((("opt-fence", 5, 0, 0), ("opt-flowers", 3, 0, 0)), {}),
        ((("opt-fence", 5, 1, 0),), {}),
        ((("opt-fence", 5, 0, 1),), {}),
        ((("opt-fence", 5, 2, 1),), {"kind": "each"}),
    ],
)
def test_counts_that_do_not_add_up_are_refused(counts: Any, changed: dict[str, Any]) -> None:
    assert code_and_field(start_convened(), session_steps.hand_count(*counts, **changed)) == (
        "counts_do_not_add_up",
        "data.tally",
    )


def test_only_options_of_the_topic_are_counted_and_each_once() -> None:
    assert code_and_field(start_convened(), session_steps.hand_count(("opt-9", 1, 0, 0))) == (
        "unknown_option",
        "data.tally",
    )
    assert code_and_field(
        start_convened(), session_steps.hand_count(("opt-fence", 1, 0, 0), ("opt-fence", 1, 0, 0))
    ) == ("option_twice", "data.tally")


def test_the_branch_of_the_place_counts_hands_once_in_a_session_that_has_begun() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    later = issue_steps.convening(driver).model_copy(update={"opens_at": driver.now.replace(day=9)})
    driver.say(later, "topic-1", by="p-branch")
    assert code_and_field(driver, session_steps.hand_count()) == ("session_not_begun", "subject")
    driver.wait(days=8)
    assert code_and_field(driver, session_steps.hand_count(), scope="elsewhere")[0] == "outside_scope"
    driver.wait(days=30)
    driver.say(session_steps.hand_count(), "b-1", by="p-branch")

    assert code_and_field(driver, session_steps.hand_count())[0] in ("wrong_state", "already_exists")
    assert refusal(driver, session_steps.hand_count(), "b-2", by="p-branch").code == "wrong_state"


def test_an_id_that_is_taken_leaves_the_session_as_it_was() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")

    assert code_and_field(driver, session_steps.hand_count(session="s-2"))[0] == "already_exists"
    assert issue_steps.session(driver, "s-2").state == "convened"
