"""One test for each reason that the service can give."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.directory import PersonRegistered
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.issue import Issue
from tests.issues import issue_steps
from tests.support.service_driver import ServiceDriver, names, refusal


def code(driver: ServiceDriver, command: Any, subject: str = "veg-1", **how: Any) -> str:
    return refusal(driver, command, subject, **{"by": "p-branch", **how}).code


def test_what_there_is_not_cannot_be_accepted() -> None:
    assert code(issue_steps.start(), issues.AcceptIssue()) == "not_found"


def test_an_id_is_used_once() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)

    assert (
        code(driver, issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app"))
        == "already_exists"
    )
    assert (
        code(driver, issues.ProposeOption(option="opt-fence", text="x", channel="app"), "topic-1", by="p-2")
        == "already_exists"
    )
    driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")
    driver.row(Topic, "topic-1").state = "proposed"
    assert code(driver, issue_steps.convening(driver), "topic-1") == "already_exists"
    driver.row(Issue, "veg-1").state = "triaged"
    assert code(driver, issues.OpenDeliberation(topic="topic-1", title="x")) == "already_exists"


def test_a_session_whose_ballot_was_refused_is_as_it_was() -> None:
    driver = issue_steps.start()
    issue_steps.decide(driver)
    driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")
    again = issues.OpenBallot(session="s-2", kind="one_of", closes_at=driver.now.replace(day=9))

    assert code(driver, again, "b-1") == "already_exists"

    assert (driver.row(DeliberationSession, "s-2").state, driver.row(DeliberationSession, "s-2").ballot) == (
        "convened",
        None,
    )
    assert names(driver.say(again, "b-2", by="p-branch")) == ["BallotOpened"]


def test_the_branch_of_another_place_cannot_decide_here() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    assert code(driver, issues.AcceptIssue(), scope="elsewhere") == "outside_scope"
    assert (
        code(driver, issues.SubmitIssue(title="x", text="x", place="moon", channel="app"), "veg-2")
        == "unknown_place"
    )


def test_somebody_from_the_stairwell_speaks_about_the_compound_around_it() -> None:
    driver = issue_steps.start()

    said = driver.say(
        issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app"), "veg-2", scope="yuanbu-south"
    )

    assert names(said) == ["IssueSubmitted"]


def test_only_forms_of_deliberation_that_there_are_can_be_chosen() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")

    assert code(driver, issue_steps.TRIAGE.model_copy(update={"form": "parliament"})) == "unknown_form"
    driver.say(issue_steps.TRIAGE, "veg-1", by="p-branch")
    driver.say(issues.OpenDeliberation(topic="topic-1", title="x"), "veg-1", by="p-branch")
    assert (
        code(driver, issue_steps.convening(driver).model_copy(update={"kind": "parliament"}), "topic-1")
        == "unknown_form"
    )


def test_cosigning_is_for_others_who_are_registered_and_once() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    issue_steps.cosign(driver, "p-2")
    cosigning = issues.CosignIssue(channel="app")

    assert code(driver, cosigning, by="p-1") == "own_issue"
    assert code(driver, cosigning, by="p-2") == "already_cosigned"
    assert code(driver, cosigning, by="p-nobody") == "not_registered"
    assert code(driver, issues.WithdrawCosign(channel="app"), by="p-3") == "not_cosigned"


def test_a_session_needs_an_option_a_window_and_notice() -> None:
    driver = issue_steps.start(deliberation={"notice_hours": 24})
    issue_steps.triage(driver)
    driver.say(issues.OpenDeliberation(topic="topic-1", title="x"), "veg-1", by="p-branch")
    later = driver.now + timedelta(days=2)
    good = issues.ConveneSession(
        session="s-1", kind="micro_topic", opens_at=later, closes_at=later + timedelta(days=2)
    )

    assert code(driver, good, "topic-1") == "no_options"
    driver.say(issues.ProposeOption(option="opt-1", text="x", channel="app"), "topic-1", by="p-1")
    assert code(driver, good.model_copy(update={"opens_at": driver.now}), "topic-1") == "notice_too_short"
    assert code(driver, good.model_copy(update={"closes_at": later}), "topic-1") == "window_invalid"
    driver.say(good, "topic-1", by="p-branch")
    opening = issues.OpenBallot(session="s-1", kind="each", closes_at=later + timedelta(days=1))
    assert code(driver, opening, "b-1") == "session_not_open"
    driver.wait(days=2)
    assert (
        code(driver, opening.model_copy(update={"closes_at": later + timedelta(days=9)}), "b-1")
        == "window_invalid"
    )


def test_a_topic_has_a_bounded_number_of_options() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)
    driver.row(Topic, "topic-1").options = 500

    assert (
        code(driver, issues.ProposeOption(option="opt-9", text="x", channel="app"), "topic-1", by="p-1")
        == "too_many_options"
    )


def test_only_registered_people_who_live_there_vote() -> None:
    driver = issue_steps.start()
    issue_steps.ballot(driver)
    driver.hear(stranger("p-far", "elsewhere"), "p-far")

    assert code(driver, issue_steps.vote(), "b-1", by="p-nobody") == "not_registered"
    assert code(driver, issue_steps.vote(), "b-1", by="p-far") == "not_a_resident"


def stranger(person: str, place: str) -> Any:
    return PersonRegistered(person=person, household="h-far", place=place, language="en")


def test_a_vote_for_one_of_several_is_an_open_agree_for_an_option_that_stands() -> None:
    driver = issue_steps.start()
    issue_steps.ballot(driver)
    sealed = issues.CastVote.model_validate(
        {"choice": {"kind": "sealed", "key": "k-1", "box": "AAAA"}, "channel": "app"}
    )

    assert code(driver, sealed, "b-1", by="p-1") == "ballot_is_open"
    assert code(driver, issue_steps.vote(stance="disagree"), "b-1", by="p-1") == "stance_must_be_agree"
    assert code(driver, issue_steps.vote("opt-moon"), "b-1", by="p-1") == "unknown_option"
    assert code(driver, issue_steps.vote(about="opt-flowers"), "b-1", by="p-1") == "option_differs"
    assert code(driver, issues.RetractVote(channel="app"), "b-1", by="p-1") == "no_vote"


def test_where_each_option_is_voted_on_the_vote_names_it_outside_the_choice() -> None:
    driver = issue_steps.start()
    issue_steps.ballot(driver, "each")

    assert code(driver, issue_steps.vote(), "b-1", by="p-1") == "option_missing"
    assert code(driver, issue_steps.vote(about="opt-flowers"), "b-1", by="p-1") == "option_differs"
    assert code(driver, issues.RetractVote(channel="app"), "b-1", by="p-1") == "option_missing"


@pytest.mark.rule("2", "the last vote before the close counts")
def test_a_vote_recorded_at_the_close_comes_too_late_even_before_the_bell() -> None:
    driver = issue_steps.start()
    issue_steps.ballot(driver)
    driver.now = driver.now.replace(day=4)

    refused = refusal(driver, issue_steps.vote(), "b-1", by="p-1")

    assert refused.code == "ballot_closed"
    assert "b-1" in refused.words.zh


@pytest.mark.rule("2", "minutes are confirmed by those present")
def test_minutes_are_signed_by_those_present_once_and_after_the_amendment_window() -> None:
    driver = issue_steps.start(deliberation={"amendment_hours": 24, "confirmations": 3})
    issue_steps.decide(driver)
    driver.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")
    signing = issues.ConfirmMinutes(channel="app")

    assert code(driver, signing, "s-1", by="p-1") == "amendment_window"
    driver.wait(days=1)
    driver.say(signing, "s-1", by="p-1")
    assert code(driver, signing, "s-1", by="p-1") == "already_confirmed"
    assert code(driver, signing, "s-1", by="p-8") == "not_present"


@pytest.mark.rule("2", "a resolution needs confirmed minutes, quorum and majority")
def test_a_resolution_needs_minutes_quorum_and_majority() -> None:
    driver = issue_steps.start()
    issue_steps.decide(driver)
    adopting = issues.AdoptResolution(option="opt-fence", items=[])

    assert code(driver, adopting, "topic-1") == "minutes_not_confirmed"
    assert code(driver, adopting.model_copy(update={"option": "opt-moon"}), "topic-1") == "unknown_option"
    topic = driver.row(Topic, "topic-1")
    topic.minutes_confirmed, topic.quorum_met = True, False
    assert code(driver, adopting, "topic-1") == "quorum_not_met"
    topic.quorum_met = True
    assert code(driver, adopting.model_copy(update={"option": "opt-flowers"}), "topic-1") == "no_majority"


@pytest.mark.rule("2", "whoever did it does not verify it")
def test_whoever_claimed_it_reports_it_and_somebody_else_verifies_it() -> None:
    driver = issue_steps.start()
    item = issue_steps.adopt(driver)
    done = issues.ReportActionDone(done=1, at_least=False, evidence="x", channel="app")
    driver.say(issues.ClaimActionItem(channel="app"), item, by="p-5")

    assert code(driver, done, item, by="p-6") == "not_yours"
    driver.say(done, item, by="p-5")
    checking = issues.VerifyActionItem(note="x", channel="visit")
    assert code(driver, checking, item, by="p-5", role="delegate") == "same_person"


@pytest.mark.parametrize(
    ("undelivered", "expected"), [(True, "result_not_delivered"), (False, "review_date_missing")]
)
def test_closing_waits_for_delivery_and_wants_the_day_of_a_review(undelivered: bool, expected: str) -> None:
    driver = issue_steps.start()
    issue_steps.report(driver)
    issue_steps.deliver(driver, "p-1", "p-2", *(() if undelivered else ("p-3",)))

    assert code(driver, issues.CloseIssue(outcome="not_feasible")) == expected


def test_closing_waits_for_the_action_items() -> None:
    driver = issue_steps.start()
    issue_steps.act(driver)
    driver.say(issues.ReportResult(text="x"), "veg-1", by="p-branch")

    assert code(driver, issues.CloseIssue(outcome="resolved")) == "action_items_open"


def test_the_survey_is_for_those_concerned_once_and_in_time() -> None:
    driver = issue_steps.start()
    issue_steps.close(driver)
    answer = issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app")
    driver.say(answer, "veg-1", by="p-1")

    assert code(driver, answer, by="p-1") == "already_answered"
    assert code(driver, answer, by="p-8") == "not_concerned"
    driver.wait(days=14)
    assert code(driver, answer, by="p-2") == "survey_over"


def test_only_the_roles_of_a_command_may_send_it() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    assert code(driver, issues.AcceptIssue(), role="resident") == "role_not_allowed"
