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
from tests.support.service_driver import Talk, names, refusal


def code(talk: Talk, command: Any, subject: str = "veg-1", **how: Any) -> str:
    return refusal(talk, command, subject, **{"by": "p-branch", **how}).code


def test_what_there_is_not_cannot_be_accepted() -> None:
    assert code(issue_steps.start(), issues.AcceptIssue()) == "not_found"


def test_an_id_is_used_once() -> None:
    talk = issue_steps.start()
    issue_steps.propose(talk)

    assert (
        code(talk, issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app")) == "already_exists"
    )
    assert (
        code(talk, issues.ProposeOption(option="opt-fence", text="x", channel="app"), "topic-1", by="p-2")
        == "already_exists"
    )
    talk.say(issue_steps.convening(talk), "topic-1", by="p-branch")
    talk.row(Topic, "topic-1").state = "proposed"
    assert code(talk, issue_steps.convening(talk), "topic-1") == "already_exists"
    talk.row(Issue, "veg-1").state = "triaged"
    assert code(talk, issues.OpenDeliberation(topic="topic-1", title="x")) == "already_exists"


def test_a_session_whose_ballot_was_refused_is_as_it_was() -> None:
    talk = issue_steps.start()
    issue_steps.decide(talk)
    talk.say(issue_steps.convening(talk, "s-2"), "topic-1", by="p-branch")
    again = issues.OpenBallot(session="s-2", kind="one_of", closes_at=talk.now.replace(day=9))

    assert code(talk, again, "b-1") == "already_exists"

    assert (talk.row(DeliberationSession, "s-2").state, talk.row(DeliberationSession, "s-2").ballot) == (
        "convened",
        None,
    )
    assert names(talk.say(again, "b-2", by="p-branch")) == ["BallotOpened"]


def test_the_branch_of_another_place_cannot_decide_here() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)

    assert code(talk, issues.AcceptIssue(), scope="elsewhere") == "outside_scope"
    assert (
        code(talk, issues.SubmitIssue(title="x", text="x", place="moon", channel="app"), "veg-2")
        == "unknown_place"
    )


def test_somebody_from_the_stairwell_speaks_about_the_compound_around_it() -> None:
    talk = issue_steps.start()

    said = talk.say(
        issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app"), "veg-2", scope="yuanbu-south"
    )

    assert names(said) == ["IssueSubmitted"]


def test_only_forms_of_deliberation_that_there_are_can_be_chosen() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    talk.say(issues.AcceptIssue(), "veg-1", by="p-branch")

    assert code(talk, issue_steps.TRIAGE.model_copy(update={"form": "parliament"})) == "unknown_form"
    talk.say(issue_steps.TRIAGE, "veg-1", by="p-branch")
    talk.say(issues.OpenDeliberation(topic="topic-1", title="x"), "veg-1", by="p-branch")
    assert (
        code(talk, issue_steps.convening(talk).model_copy(update={"kind": "parliament"}), "topic-1")
        == "unknown_form"
    )


def test_cosigning_is_for_others_who_are_registered_and_once() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    issue_steps.cosign(talk, "p-2")
    cosigning = issues.CosignIssue(channel="app")

    assert code(talk, cosigning, by="p-1") == "own_issue"
    assert code(talk, cosigning, by="p-2") == "already_cosigned"
    assert code(talk, cosigning, by="p-nobody") == "not_registered"
    assert code(talk, issues.WithdrawCosign(channel="app"), by="p-3") == "not_cosigned"


def test_a_session_needs_an_option_a_window_and_notice() -> None:
    talk = issue_steps.start(deliberation={"notice_hours": 24})
    issue_steps.triage(talk)
    talk.say(issues.OpenDeliberation(topic="topic-1", title="x"), "veg-1", by="p-branch")
    later = talk.now + timedelta(days=2)
    good = issues.ConveneSession(
        session="s-1", kind="micro_topic", opens_at=later, closes_at=later + timedelta(days=2)
    )

    assert code(talk, good, "topic-1") == "no_options"
    talk.say(issues.ProposeOption(option="opt-1", text="x", channel="app"), "topic-1", by="p-1")
    assert code(talk, good.model_copy(update={"opens_at": talk.now}), "topic-1") == "notice_too_short"
    assert code(talk, good.model_copy(update={"closes_at": later}), "topic-1") == "window_invalid"
    talk.say(good, "topic-1", by="p-branch")
    opening = issues.OpenBallot(session="s-1", kind="each", closes_at=later + timedelta(days=1))
    assert code(talk, opening, "b-1") == "session_not_open"
    talk.wait(days=2)
    assert (
        code(talk, opening.model_copy(update={"closes_at": later + timedelta(days=9)}), "b-1")
        == "window_invalid"
    )


def test_a_topic_has_a_bounded_number_of_options() -> None:
    talk = issue_steps.start()
    issue_steps.propose(talk)
    talk.row(Topic, "topic-1").options = 500

    assert (
        code(talk, issues.ProposeOption(option="opt-9", text="x", channel="app"), "topic-1", by="p-1")
        == "too_many_options"
    )


def test_only_registered_people_who_live_there_vote() -> None:
    talk = issue_steps.start()
    issue_steps.ballot(talk)
    talk.hear(stranger("p-far", "elsewhere"), "p-far")

    assert code(talk, issue_steps.vote(), "b-1", by="p-nobody") == "not_registered"
    assert code(talk, issue_steps.vote(), "b-1", by="p-far") == "not_a_resident"


def stranger(person: str, place: str) -> Any:
    return PersonRegistered(person=person, household="h-far", place=place, language="en")


def test_a_vote_for_one_of_several_is_an_open_agree_for_an_option_that_stands() -> None:
    talk = issue_steps.start()
    issue_steps.ballot(talk)
    sealed = issues.CastVote.model_validate(
        {"choice": {"kind": "sealed", "key": "k-1", "box": "AAAA"}, "channel": "app"}
    )

    assert code(talk, sealed, "b-1", by="p-1") == "ballot_is_open"
    assert code(talk, issue_steps.vote(stance="disagree"), "b-1", by="p-1") == "stance_must_be_agree"
    assert code(talk, issue_steps.vote("opt-moon"), "b-1", by="p-1") == "unknown_option"
    assert code(talk, issue_steps.vote(about="opt-flowers"), "b-1", by="p-1") == "option_differs"
    assert code(talk, issues.RetractVote(channel="app"), "b-1", by="p-1") == "no_vote"


def test_where_each_option_is_voted_on_the_vote_names_it_outside_the_choice() -> None:
    talk = issue_steps.start()
    issue_steps.ballot(talk, "each")

    assert code(talk, issue_steps.vote(), "b-1", by="p-1") == "option_missing"
    assert code(talk, issue_steps.vote(about="opt-flowers"), "b-1", by="p-1") == "option_differs"
    assert code(talk, issues.RetractVote(channel="app"), "b-1", by="p-1") == "option_missing"


@pytest.mark.rule("2", "the last vote before the close counts")
def test_a_vote_recorded_at_the_close_comes_too_late_even_before_the_bell() -> None:
    talk = issue_steps.start()
    issue_steps.ballot(talk)
    talk.now = talk.now.replace(day=4)

    refused = refusal(talk, issue_steps.vote(), "b-1", by="p-1")

    assert refused.code == "ballot_closed" and "b-1" in refused.words.zh


@pytest.mark.rule("2", "minutes are confirmed by those present")
def test_minutes_are_signed_by_those_present_once_and_after_the_amendment_window() -> None:
    talk = issue_steps.start(deliberation={"amendment_hours": 24, "confirmations": 3})
    issue_steps.decide(talk)
    talk.say(issues.DraftMinutes(text="x"), "s-1", by="p-branch")
    signing = issues.ConfirmMinutes(channel="app")

    assert code(talk, signing, "s-1", by="p-1") == "amendment_window"
    talk.wait(days=1)
    talk.say(signing, "s-1", by="p-1")
    assert code(talk, signing, "s-1", by="p-1") == "already_confirmed"
    assert code(talk, signing, "s-1", by="p-8") == "not_present"


@pytest.mark.rule("2", "a resolution needs confirmed minutes, quorum and majority")
def test_a_resolution_needs_minutes_quorum_and_majority() -> None:
    talk = issue_steps.start()
    issue_steps.decide(talk)
    adopting = issues.AdoptResolution(option="opt-fence", items=[])

    assert code(talk, adopting, "topic-1") == "minutes_not_confirmed"
    assert code(talk, adopting.model_copy(update={"option": "opt-moon"}), "topic-1") == "unknown_option"
    topic = talk.row(Topic, "topic-1")
    topic.minutes_confirmed, topic.quorum_met = True, False
    assert code(talk, adopting, "topic-1") == "quorum_not_met"
    topic.quorum_met = True
    assert code(talk, adopting.model_copy(update={"option": "opt-flowers"}), "topic-1") == "no_majority"


@pytest.mark.rule("2", "whoever did it does not verify it")
def test_whoever_claimed_it_reports_it_and_somebody_else_verifies_it() -> None:
    talk = issue_steps.start()
    item = issue_steps.adopt(talk)
    done = issues.ReportActionDone(done=1, at_least=False, evidence="x", channel="app")
    talk.say(issues.ClaimActionItem(channel="app"), item, by="p-5")

    assert code(talk, done, item, by="p-6") == "not_yours"
    talk.say(done, item, by="p-5")
    checking = issues.VerifyActionItem(note="x", channel="visit")
    assert code(talk, checking, item, by="p-5", role="delegate") == "same_person"


@pytest.mark.parametrize(
    ("undelivered", "expected"), [(True, "result_not_delivered"), (False, "review_date_missing")]
)
def test_closing_waits_for_delivery_and_wants_the_day_of_a_review(undelivered: bool, expected: str) -> None:
    talk = issue_steps.start()
    issue_steps.report(talk)
    issue_steps.deliver(talk, "p-1", "p-2", *(() if undelivered else ("p-3",)))

    assert code(talk, issues.CloseIssue(outcome="not_feasible")) == expected


def test_closing_waits_for_the_action_items() -> None:
    talk = issue_steps.start()
    issue_steps.act(talk)
    talk.say(issues.ReportResult(text="x"), "veg-1", by="p-branch")

    assert code(talk, issues.CloseIssue(outcome="resolved")) == "action_items_open"


def test_the_survey_is_for_those_concerned_once_and_in_time() -> None:
    talk = issue_steps.start()
    issue_steps.close(talk)
    answer = issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app")
    talk.say(answer, "veg-1", by="p-1")

    assert code(talk, answer, by="p-1") == "already_answered"
    assert code(talk, answer, by="p-8") == "not_concerned"
    talk.wait(days=14)
    assert code(talk, answer, by="p-2") == "survey_over"


def test_only_the_roles_of_a_command_may_send_it() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)

    assert code(talk, issues.AcceptIssue(), role="resident") == "role_not_allowed"
