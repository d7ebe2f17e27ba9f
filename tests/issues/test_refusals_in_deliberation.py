"""One test for each reason why a step of a deliberation is refused: topics, sessions, ballots, minutes, resolutions."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.directory import PersonRegistered
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.testing.service_driver import names, refusal
from tests.issues import issue_steps
from tests.issues.issue_steps import refusal_code


def test_a_refused_ballot_does_not_change_its_session() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")
    again = issues.OpenBallot(session="s-2", kind="one_of", closes_at=driver.now.replace(day=9))

    assert refusal_code(driver, again, "b-1") == "already_exists"

    assert issue_steps.session(driver, "s-2").state == "convened"
    assert [(one.ballot, one.session) for one in issue_steps.topic(driver).ballots] == [("b-1", "s-1")]
    assert names(driver.say(again, "b-2", by="p-branch")) == ["BallotOpened"]


def test_an_unknown_form_of_deliberation_is_refused() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")

    assert (
        refusal_code(driver, issue_steps.TRIAGE.model_copy(update={"form": "parliament"})) == "unknown_form"
    )
    driver.say(issue_steps.TRIAGE, "veg-1", by="p-branch")
    driver.say(issues.OpenDeliberation(topic="topic-1", title="x"), "veg-1", by="p-branch")
    assert (
        refusal_code(
            driver, issue_steps.convening(driver).model_copy(update={"kind": "parliament"}), "topic-1"
        )
        == "unknown_form"
    )


def test_a_session_needs_an_option_a_window_and_notice() -> None:
    driver = issue_steps.start(deliberation={"notice_hours": 24})
    issue_steps.triage(driver)
    driver.say(issues.OpenDeliberation(topic="topic-1", title="x"), "veg-1", by="p-branch")
    later = driver.now + timedelta(days=2)
    good = issues.ConveneSession(
        session="s-1", kind="micro_topic", opens_at=later, closes_at=later + timedelta(days=2)
    )

    assert refusal_code(driver, good, "topic-1") == "no_options"
    driver.say(issues.ProposeOption(option="opt-1", text="x", channel="app"), "topic-1", by="p-1")
    assert (
        refusal_code(driver, good.model_copy(update={"opens_at": driver.now}), "topic-1")
        == "notice_too_short"
    )
    assert refusal_code(driver, good.model_copy(update={"closes_at": later}), "topic-1") == "window_invalid"
    driver.say(good, "topic-1", by="p-branch")
    opening = issues.OpenBallot(session="s-1", kind="each", closes_at=later + timedelta(days=1))
    assert refusal_code(driver, opening, "b-1") == "session_not_open"
    driver.wait(days=2)
    assert (
        refusal_code(driver, opening.model_copy(update={"closes_at": later + timedelta(days=9)}), "b-1")
        == "window_invalid"
    )


def test_a_topic_has_a_bounded_number_of_options() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    driver.row(Topic, "topic-1").options = 500

    assert (
        refusal_code(
            driver, issues.ProposeOption(option="opt-9", text="x", channel="app"), "topic-1", by="p-1"
        )
        == "too_many_options"
    )


def test_only_registered_people_who_live_there_vote() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    driver.hear(registered_at("p-far", "elsewhere"), "p-far")

    assert refusal_code(driver, issue_steps.voting(), "b-1", by="p-nobody") == "not_registered"
    assert refusal_code(driver, issue_steps.voting(), "b-1", by="p-far") == "not_a_resident"


def registered_at(person: str, place: str) -> Any:
    """The event by which the directory registers a person of another household at this place."""
    return PersonRegistered(person=person, household="h-far", place=place, language="en")


def test_a_vote_for_one_of_several_options_is_open_and_agrees_with_a_known_option() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    sealed = issues.CastVote.model_validate(
        {"choice": {"kind": "sealed", "key": "k-1", "box": "AAAA"}, "channel": "app"}
    )

    assert refusal_code(driver, sealed, "b-1", by="p-1") == "ballot_is_open"
    assert (
        refusal_code(driver, issue_steps.voting(stance="disagree"), "b-1", by="p-1") == "stance_must_be_agree"
    )
    assert refusal_code(driver, issue_steps.voting("opt-moon"), "b-1", by="p-1") == "unknown_option"
    assert refusal_code(driver, issue_steps.voting(about="opt-flowers"), "b-1", by="p-1") == "option_differs"
    assert refusal_code(driver, issues.RetractVote(channel="app"), "b-1", by="p-1") == "no_vote"


def test_a_vote_on_each_option_names_the_option_outside_the_choice() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver, "each")

    assert refusal_code(driver, issue_steps.voting(), "b-1", by="p-1") == "option_missing"
    assert refusal_code(driver, issue_steps.voting(about="opt-flowers"), "b-1", by="p-1") == "option_differs"
    assert refusal_code(driver, issues.RetractVote(channel="app"), "b-1", by="p-1") == "option_missing"


@pytest.mark.rule("2.3", "the last vote before the close counts")
def test_a_vote_recorded_at_the_closing_time_is_late_even_before_the_deadline_is_folded() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    driver.now = driver.now.replace(day=4)

    refused = refusal(driver, issue_steps.voting(), "b-1", by="p-1")

    assert refused.code == "ballot_closed"
    assert "b-1" in refused.words.zh


@pytest.mark.rule("2.3", "minutes are confirmed by those present")
def test_minutes_are_signed_by_those_present_once_and_after_the_amendment_window() -> None:
    driver = issue_steps.start(deliberation={"amendment_hours": 24, "confirmations": 3})
    issue_steps.close_ballot(driver)
    driver.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")
    signing = issues.ConfirmMinutes(channel="app")

    assert refusal_code(driver, signing, "s-1", by="p-1") == "amendment_window"
    driver.wait(days=1)
    driver.say(signing, "s-1", by="p-1")
    assert refusal_code(driver, signing, "s-1", by="p-1") == "already_confirmed"
    assert refusal_code(driver, signing, "s-1", by="p-8") == "not_present"


@pytest.mark.rule("2.3", "a resolution needs confirmed minutes, quorum and majority")
def test_a_resolution_needs_minutes_quorum_and_majority() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    adopting = issues.AdoptResolution(option="opt-fence", items=[])

    assert refusal_code(driver, adopting, "topic-1") == "minutes_not_confirmed"
    assert (
        refusal_code(driver, adopting.model_copy(update={"option": "opt-moon"}), "topic-1")
        == "unknown_option"
    )
    topic = driver.row(Topic, "topic-1")
    topic.minutes_confirmed, topic.quorum_met = True, False
    assert refusal_code(driver, adopting, "topic-1") == "quorum_not_met"
    topic.quorum_met = True
    assert (
        refusal_code(driver, adopting.model_copy(update={"option": "opt-flowers"}), "topic-1")
        == "no_majority"
    )
