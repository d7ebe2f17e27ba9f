"""The tally of an open ballot equals the votes in force, whatever people do before it closes."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.testing.service_driver import ServiceDriver, change_rules
from tests.issues import issue_steps
from tests.support.property_budget import tries

PEOPLE = st.sampled_from([f"p-{n}" for n in range(1, 6)])
OPTIONS = st.sampled_from(["opt-fence", "opt-flowers"])
STANCES = st.sampled_from(["agree", "disagree", "pass"])


class BallotMachine(RuleBasedStateMachine):
    """People vote, vote again and retract their votes.

    `expected` holds the option and stance of each vote in force, by person and option; in a ballot for one option
    the second part of the key is empty.
    """

    @initialize(kind=st.sampled_from(["one_of", "each"]))
    def open(self, kind: str) -> None:
        self.kind, self.driver = kind, issue_steps.start()
        self.expected: dict[tuple[str, str], tuple[str, str]] = {}
        issue_steps.open_ballot(self.driver, kind)

    @rule(person=PEOPLE, option=OPTIONS, stance=STANCES)
    def vote(self, person: str, option: str, stance: str) -> None:
        each = self.kind == "each"
        key, stance = (person, option if each else ""), stance if each else "agree"
        event = self.driver.say(
            issue_steps.voting(option, stance, option if each else None), "b-1", by=person
        )[0].event
        assert isinstance(event, issues.VoteCast)
        replaced = self.expected.get(key)
        assert (event.replaces and (event.replaces.option, event.replaces.stance)) == replaced
        self.expected[key] = (option, stance)

    @rule(person=PEOPLE, option=OPTIONS)
    def retract(self, person: str, option: str) -> None:
        key = (person, option if self.kind == "each" else "")
        try:
            self.driver.say(issues.RetractVote(option=key[1] or None, channel="app"), "b-1", by=person)
        except Refused as refused:
            assert refused.code == "no_vote"
            assert key not in self.expected
        else:
            del self.expected[key]

    @invariant()
    def the_tally_is_the_votes_in_force(self) -> None:
        shown = issue_steps.ballot(self.driver)
        assert [line.option for line in shown.tally] == ["opt-fence", "opt-flowers"]
        for line in shown.tally:
            counted = [
                sum(vote == (line.option, stance) for vote in self.expected.values())
                for stance in ("agree", "disagree", "pass")
            ]
            assert [line.agree, line.disagree, line.passed] == counted
        assert shown.people == len({person for person, _ in self.expected})


BallotMachine.TestCase.settings = tries(8, 25)
TestBallotMachine = BallotMachine.TestCase


def wait_for_close(driver: ServiceDriver) -> issues.BallotClosed:
    """Lets the voting time pass; returns the event that closes the ballot."""
    event = driver.wait(days=3)[0].event
    assert isinstance(event, issues.BallotClosed)
    return event


def test_in_a_ballot_on_each_option_a_pass_counts_neither_for_nor_against() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver, "each")
    for person, stance in (("p-1", "agree"), ("p-2", "agree"), ("p-3", "disagree"), ("p-4", "pass")):
        driver.say(issue_steps.voting("opt-fence", stance, "opt-fence"), "b-1", by=person)

    line = wait_for_close(driver).tally[0]

    assert (line.agree, line.disagree, line.passed, line.carried) == (2, 1, 1, True)


@pytest.mark.rule("2.3", "a tie carries nothing; where each option is voted on, passes neither help nor harm")
def test_a_tie_carries_nothing() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    for person, option in (
        ("p-1", "opt-fence"),
        ("p-2", "opt-fence"),
        ("p-3", "opt-flowers"),
        ("p-4", "opt-flowers"),
    ):
        driver.say(issue_steps.voting(option), "b-1", by=person)

    assert not any(line.carried for line in wait_for_close(driver).tally)


def test_without_quorum_nothing_carries() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    driver.say(issue_steps.voting(), "b-1", by="p-1")

    closed = wait_for_close(driver)

    assert (closed.quorum_met, [line.carried for line in closed.tally]) == (False, [False, False])


@pytest.mark.rule("2.3", "a ballot follows the rules under which it was opened")
def test_rules_changed_during_a_ballot_do_not_change_it() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    change_rules(driver, "deliberation", quorum=100)
    for person in ("p-1", "p-2", "p-3"):
        driver.say(issue_steps.voting(), "b-1", by=person)

    assert wait_for_close(driver).quorum_met


def test_a_social_worker_votes_for_somebody_who_cannot() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)

    event = driver.say(issue_steps.voting(), "b-1", by="p-social", role="social_worker", on_behalf_of="p-6")[
        0
    ].event

    assert isinstance(event, issues.VoteCast)
    assert event.person == "p-6"
