"""Who has a vote, what a majority is counted of, and which ballots are secret: the rules of procedure (domain.md §2.3)."""

import pytest

from microgov.contracts import issues
from microgov.testing.service_driver import names, refusal
from tests.issues import issue_steps, session_steps


@pytest.mark.rule("2.3", "a household has one vote, the last that was cast")
def test_a_household_has_one_vote_and_the_last_one_cast_by_any_member_counts() -> None:
    driver = session_steps.start_opened(1, 2, 3, kind="residents_council", electorate="household", quorum=2)
    assert issue_steps.session(driver, "s-room").voting == 2  # p-1 and p-2 are of one household
    opened = driver.say(session_steps.opening_ballot(driver), "b-1", by="p-branch")[0].event
    assert isinstance(opened, issues.BallotOpened)
    assert opened.electorate == "household"

    driver.say(issue_steps.voting("opt-fence"), "b-1", by="p-1")
    replaced = driver.say(issue_steps.voting("opt-flowers"), "b-1", by="p-2")[0].event
    driver.say(issue_steps.voting("opt-fence"), "b-1", by="p-3")

    assert isinstance(replaced, issues.VoteCast)
    assert replaced.replaces
    assert replaced.replaces.option == "opt-fence"
    assert issue_steps.ballot(driver).people == 2
    gone = driver.say(issues.RetractVote(channel="app"), "b-1", by="p-1")[0].event
    assert isinstance(gone, issues.VoteRetracted)
    assert (gone.person, gone.option) == ("p-1", "opt-flowers")
    closed = driver.wait(hours=1)[0].event
    assert isinstance(closed, issues.BallotClosed)
    assert (closed.people, closed.quorum_met) == (1, False)


def test_households_vote_online_too_if_the_rules_say_so() -> None:
    driver = issue_steps.start(
        procedure={"kinds": [session_steps.procedure("micro_topic", electorate="household", quorum=1)]}
    )
    issue_steps.open_ballot(driver)
    for n in (1, 2, 3):
        driver.say(issue_steps.voting(), "b-1", by=f"p-{n}")

    closed = driver.wait(days=3)[0].event

    assert isinstance(closed, issues.BallotClosed)
    assert (closed.people, closed.tally[0].agree) == (2, 2)


@pytest.mark.parametrize(("of", "carried"), [("cast", True), ("taking_part", False)])
def test_a_pass_hinders_a_majority_of_all_who_take_part_but_not_a_majority_of_votes_cast(
    of: str, carried: bool
) -> None:
    driver = session_steps.start_opened(1, 2, 3, 4, kind="residents_council", majority_of=of)
    driver.say(session_steps.opening_ballot(driver, kind="each"), "b-1", by="p-branch")
    for n, stance in ((1, "agree"), (2, "agree"), (3, "pass"), (4, "pass")):
        driver.say(issue_steps.voting("opt-fence", stance, "opt-fence"), "b-1", by=f"p-{n}")

    closed = driver.wait(hours=1)[0].event

    assert isinstance(closed, issues.BallotClosed)
    assert closed.tally[0].carried is carried


def test_where_less_than_half_is_enough_a_tie_still_carries_nothing() -> None:
    driver = session_steps.start_opened(1, 2, 3, 4, 5, kind="residents_council", majority_per_mille=300)
    lines = [session_steps.tally_line("opt-fence", 2), session_steps.tally_line("opt-flowers", 2)]
    tied = session_steps.hand_count(session="s-room", people=5, witnesses=["p-1", "p-2"], tally=lines)
    closed = driver.say(tied, "b-1", by="p-branch")[1].event
    assert isinstance(closed, issues.BallotClosed)
    assert [line.carried for line in closed.tally] == [False, False]


@pytest.mark.parametrize(("ballots", "secret"), [("secret", False), ("open", True)])
def test_the_rules_may_require_every_ballot_to_be_open_or_to_be_secret(ballots: str, secret: bool) -> None:
    driver = session_steps.start_opened(1, 2, 3, kind="residents_council", ballots=ballots)

    refused = refusal(driver, session_steps.opening_ballot(driver, secret), "b-1", by="p-branch")
    assert (refused.code, refused.field) == ("secrecy_by_rules", "data.secret")
    assert driver.say(session_steps.opening_ballot(driver, not secret), "b-1", by="p-branch")


def test_anybody_of_a_household_that_voted_online_confirms_the_minutes() -> None:
    driver = issue_steps.start(
        procedure={"kinds": [session_steps.procedure("micro_topic", electorate="household", quorum=1)]}
    )
    issue_steps.open_ballot(driver)
    driver.say(issue_steps.voting(), "b-1", by="p-1")
    driver.say(issue_steps.voting(), "b-1", by="p-3")
    driver.wait(days=3)
    driver.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")

    assert refusal(driver, issues.ConfirmMinutes(channel="app"), "s-1", by="p-5").code == "not_present"
    driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-2")
    assert names(driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-3")) == [
        "MinutesSigned",
        "MinutesConfirmed",
    ]
