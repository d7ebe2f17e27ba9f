"""The course of an issue about a vegetable patch, from its submission to the survey."""

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.issue import Issue
from microgov.testing.service_driver import names, refusal
from tests.issues import issue_steps


@pytest.mark.rule("2.1.2", "no matter is too small, and none needs a department that owns it")
def test_a_vegetable_patch_is_deliberated_before_it_is_closed() -> None:
    driver = issue_steps.start()

    closed = issue_steps.close_issue(driver)
    answered = driver.say(
        issues.AnswerSurvey(contacted=True, solved=True, satisfied=False, channel="app"), "veg-1", by="p-2"
    )

    assert names(closed) == ["IssueClosed"]
    assert names(answered) == ["SurveyAnswered"]
    assert (issue_steps.show(driver).state, issue_steps.show(driver).records) == ("closed", 1)


def test_closing_without_a_deliberation_record_is_refused_with_the_rule() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    for step in (
        None,
        issues.AcceptIssue(),
        issue_steps.TRIAGE,
        issues.OpenDeliberation(topic="topic-1", title="怎么办"),
    ):
        if step:
            driver.say(step, "veg-1", by="p-branch")
        refused = refusal(driver, issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch")

        assert refused.code == "no_deliberation_record"
        assert "大事小事突发事，事事都议" in refused.words.zh


@pytest.mark.rule("2.2", "a person may submit an issue on behalf of another")
def test_a_social_worker_submits_on_behalf_of_a_resident_and_it_is_accepted_at_once() -> None:
    driver = issue_steps.start()

    said = issue_steps.submit(
        driver, channel="visit", by="p-social", role="social_worker", on_behalf_of="p-6"
    )

    assert names(said) == ["IssueSubmitted", "IssueAccepted"]
    issue = issue_steps.show(driver)
    assert (issue.reporter, issue.recorded_by, issue.state) == ("p-6", "p-social", "accepted")


@pytest.mark.rule(
    "2.2", "an issue that staff record is accepted at once, and nobody else can claim to be staff"
)
def test_a_resident_who_names_a_staff_channel_waits_for_the_branch() -> None:
    driver = issue_steps.start()

    assert names(issue_steps.submit(driver, channel="visit")) == ["IssueSubmitted"]


def test_the_branch_declines_with_a_reason() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    said = driver.say(issues.DeclineIssue(ground="no_content", reason="没有内容"), "veg-1", by="p-branch")

    assert names(said) == ["IssueDeclined"]
    assert issue_steps.show(driver).state == "declined"


@pytest.mark.rule("2.1.4", "co-signers are counted by person and household; reversible")
def test_cosigners_are_counted_by_person_and_by_household() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    for person in ("p-3", "p-4", "p-5"):
        issue_steps.cosign(driver, person)
    three = issue_steps.show(driver)
    driver.say(issues.WithdrawCosign(channel="app"), "veg-1", by="p-5")
    driver.say(issues.WithdrawCosign(channel="app"), "veg-1", by="p-4")
    one = issue_steps.show(driver)
    issue_steps.cosign(driver, "p-5")
    two = issue_steps.show(driver)

    assert (three.people, three.households) == (3, 2)
    assert (one.people, one.households) == (1, 1)
    assert (two.people, two.households) == (2, 2)


def test_a_ballot_closes_at_its_time_and_reports_which_option_carried() -> None:
    driver = issue_steps.start()

    event = issue_steps.close_ballot(driver)[0].event

    assert isinstance(event, issues.BallotClosed)
    assert (event.people, event.quorum_met) == (4, True)
    assert [(t.option, t.agree, t.carried) for t in event.tally] == [
        ("opt-fence", 3, True),
        ("opt-flowers", 1, False),
    ]


def test_a_resolution_defines_its_action_items_and_records_the_deliberation() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)

    said = driver.say(
        issues.AdoptResolution(option="opt-fence", items=[issue_steps.ITEM, issue_steps.ITEM]),
        "topic-1",
        by="p-branch",
    )

    assert names(said) == [
        "ResolutionAdopted",
        "DeliberationRecorded",
        "ActionItemDefined",
        "ActionItemDefined",
    ]
    adopted = said[0].event
    assert isinstance(adopted, issues.ResolutionAdopted)
    assert adopted.items == [row.subject for row in said[2:]]
    assert issue_steps.show(driver).state == "in_action"
    assert driver.row(Issue, "veg-1").open_items == 2


@pytest.mark.rule("2.1.5", "a rejected topic counts as deliberated; its reasons are the report")
def test_a_rejected_topic_counts_as_deliberated_and_its_reasons_are_the_report() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)

    said = driver.say(
        issues.RejectTopic(outcome="agreed_no_action", reasons="维持现状"), "topic-1", by="p-branch"
    )
    issue_steps.deliver_result(driver, "p-1", "p-2", "p-3")
    closed = driver.say(issues.CloseIssue(outcome="agreed_no_action"), "veg-1", by="p-branch")

    assert names(said) == ["TopicRejected", "DeliberationRecorded", "ResultReported"]
    assert names(closed) == ["IssueClosed"]


def test_a_claimed_item_is_reported_done_and_corrected_with_quantities() -> None:
    driver = issue_steps.start()
    item = issue_steps.do_action_item(driver)

    driver.say(
        issues.ReportActionDone(done=7, at_least=False, evidence="量过", channel="app"), item, by="p-5"
    )

    (shown,) = issue_steps.show(driver).actions
    assert (shown.action, shown.state, shown.claimed_by) == (item, "done", "p-5")
    assert (shown.done, shown.at_least) == (7, False)


@pytest.mark.rule("2.2", "logged personal visits count as having notified a person")
def test_three_logged_visits_count_as_having_notified_a_person() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    issue_steps.deliver_result(driver, "p-1", "p-2", "p-2")
    visit = issues.ContactReporter(person="p-3", reached=False, note="不在家", channel="visit")

    for _ in range(2):
        driver.say(visit, "veg-1", by="p-branch")
        assert (
            refusal(driver, issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch").code
            == "result_not_delivered"
        )
    driver.say(visit, "veg-1", by="p-branch")

    assert names(driver.say(issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch")) == ["IssueClosed"]


def test_without_quorum_another_session_is_convened() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    driver.say(issue_steps.voting(), "b-1", by="p-1")
    driver.wait(days=3)
    assert not issue_steps.topic(driver).quorum_met

    driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")
    opening = issues.OpenBallot(session="s-2", kind="each", closes_at=driver.now.replace(day=9))
    driver.say(opening, "b-2", by="p-branch")

    ballot = issue_steps.ballot(driver, "b-2")
    assert ballot.state == "open"
    assert [(line.option, line.agree) for line in ballot.tally] == [("opt-fence", 0), ("opt-flowers", 0)]


def test_minutes_of_a_session_that_nobody_attended_are_confirmed_as_drafted() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    driver.wait(days=3)

    said = driver.say(issues.DraftMinutes(text="无人参加"), "s-1", by="p-branch")

    assert names(said) == ["MinutesDrafted", "MinutesConfirmed"]


@pytest.mark.rule("2.3", "minutes that are amended are signed anew")
def test_amended_minutes_are_signed_anew() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    draft = issues.DraftMinutes(text="记录")
    driver.say(draft, "s-1", by="p-branch")
    driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-1")

    driver.say(draft, "s-1", by="p-branch")

    assert names(driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-1")) == ["MinutesSigned"]
