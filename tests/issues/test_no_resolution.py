"""Issues without a resolution, or not yet: referred, deferred, without consensus, tracked, reviewed (domain.md §2.2)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.issue import Issue
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps

NO_CONSENSUS = issues.DeclareNoConsensus(reasons="两边都不让步")
DEFER = issues.DeferTopic(reasons="等规划图")


def triage_and_route(driver: ServiceDriver) -> None:
    """The issue is triaged and routed to `o-1`."""
    issue_steps.triage(driver)
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")


def refer(driver: ServiceDriver) -> list[Any]:
    """The issue is referred to the hotline; returns the events."""
    return driver.say(issues.ReferIssue(to="hotline", reason="属市级"), "veg-1", by="p-branch")


@pytest.mark.rule("2.1.1", "nothing is closed without a deliberation record")
@pytest.mark.rule("2.1.6", "a referred issue still needs a report")
def test_a_referred_issue_is_still_deliberated_and_reported() -> None:
    driver = issue_steps.start()
    triage_and_route(driver)

    (said,) = refer(driver)
    issue = issue_steps.show(driver)
    assert (said.event.to, issue.state, issue.owner) == ("hotline", "referred", "hotline")

    driver.say(issues.OpenDeliberation(topic="topic-1", title="怎么办"), "veg-1", by="p-branch")
    assert issue_steps.show(driver).state == "referred"
    driver.say(issues.ReportResult(text="热线已答复"), "veg-1", by="p-branch")
    assert (
        refusal(driver, issues.CloseIssue(outcome="referred_accepted"), "veg-1", by="p-branch").code
        == "no_deliberation_record"
    )


def test_the_topic_of_an_issue_referred_meanwhile_still_adds_its_record() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)
    refer(driver)

    driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    issue = issue_steps.show(driver)
    assert (issue.state, issue.records) == ("referred", 1)


@pytest.mark.rule("2.2", "without consensus an issue goes back to its owner, with its record")
def test_without_consensus_an_issue_goes_back_to_its_owner_with_its_record() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)

    said = driver.say(NO_CONSENSUS, "topic-1", by="p-branch")

    issue = issue_steps.show(driver)
    assert names(said) == ["ConsensusNotReached", "DeliberationRecorded"]
    assert (issue.state, issue.records, issue_steps.topic(driver).state) == ("routed", 1, "no_consensus")
    assert isinstance(said[1].event, issues.DeliberationRecorded)
    assert said[1].event.result == "no_consensus"
    again = issues.OpenDeliberation(topic="topic-2", title="再议")
    assert names(driver.say(again, "veg-1", by="p-branch")) == ["DeliberationOpened"]


def test_the_rules_may_escalate_an_issue_without_consensus() -> None:
    driver = issue_steps.start(escalation={"no_consensus": True})
    issue_steps.confirm_minutes(driver)
    said = driver.say(NO_CONSENSUS, "topic-1", by="p-branch")
    assert said[-1].event == issues.IssueEscalated(
        level="sub_district", cause="no_consensus", reason="两边都不让步"
    )


def test_no_consensus_is_declared_only_after_the_minutes_are_confirmed() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)
    assert refusal(driver, NO_CONSENSUS, "topic-1", by="p-branch").code == "minutes_not_confirmed"


def test_a_deferred_topic_waits_for_another_session() -> None:
    driver = issue_steps.start()
    issue_steps.close_ballot(driver)

    assert names(driver.say(DEFER, "topic-1", by="p-branch")) == ["TopicDeferred"]
    issue = issue_steps.show(driver)
    assert (issue.state, issue.records) == ("deliberating", 0)
    assert (
        refusal(driver, issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch").code
        == "wrong_state"
    )
    assert names(driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")) == [
        "SessionConvened"
    ]


@pytest.mark.rule(
    "2.2", "a topic of an issue that was referred meanwhile adds its record and leaves the state as it is"
)
def test_a_topic_without_consensus_does_not_change_the_state_of_a_referred_issue() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)
    refer(driver)
    driver.say(NO_CONSENSUS, "topic-1", by="p-branch")
    issue = issue_steps.show(driver)
    assert (issue.state, issue.records) == ("referred", 1)


@pytest.mark.rule("2.1.4", "enough co-signing households escalate an issue")
@pytest.mark.parametrize("threshold", [0, 2])
def test_enough_cosigning_households_escalate_an_issue_once(threshold: int) -> None:
    driver = issue_steps.start(escalation={"cosigning_households": threshold})
    issue_steps.triage(driver)

    said = [name for n in (3, 4, 5, 7) for name in names(issue_steps.cosign(driver, f"p-{n}"))]
    driver.say(issues.WithdrawCosign(channel="app"), "veg-1", by="p-7")
    said += names(issue_steps.cosign(driver, "p-7"))

    run_once = ["IssueCosigned"] * 3 + ["IssueEscalated"] + ["IssueCosigned"] * 2
    assert said == (run_once if threshold else ["IssueCosigned"] * 5)


@pytest.mark.rule("2.3", "action items are verified or tracked under a plan")
def test_an_item_tracked_under_a_plan_does_not_hinder_closing() -> None:
    driver = issue_steps.start()
    item = issue_steps.do_action_item(driver)
    driver.say(issues.ReportResult(text="先做了一半"), "veg-1", by="p-branch")
    issue_steps.deliver_result(driver, "p-1", "p-2", "p-3")
    assert (
        refusal(driver, issues.CloseIssue(outcome="partly_resolved"), "veg-1", by="p-branch").code
        == "action_items_open"
    )
    track = issues.TrackActionItem(plan="plan-2027", reason="列入明年计划")

    assert names(driver.say(track, item, by="p-branch")) == ["ActionItemTracked"]
    assert refusal(driver, track, item, by="p-branch").code == "already_tracked"
    assert names(driver.say(issues.CloseIssue(outcome="partly_resolved"), "veg-1", by="p-branch")) == [
        "IssueClosed"
    ]
    driver.say(
        issues.VerifyActionItem(note="看过", channel="visit"), item, by="p-social", role="social_worker"
    )
    assert driver.row(Issue, "veg-1").open_items == 0


def close_as_not_feasible(driver: ServiceDriver) -> None:
    """The issue is closed as not feasible, to be reviewed after 100 days."""
    issue_steps.report_result(driver)
    issue_steps.deliver_result(driver, "p-1", "p-2", "p-3")
    closing = issues.CloseIssue(outcome="not_feasible", review_at=driver.now + timedelta(days=100))
    driver.say(closing, "veg-1", by="p-branch")


@pytest.mark.rule("2.1.5", "an issue closed as not feasible is reviewed later")
def test_an_issue_closed_as_not_feasible_is_due_for_review_on_its_day() -> None:
    driver = issue_steps.start()
    close_as_not_feasible(driver)

    assert driver.wait(days=99) == []
    (said,) = driver.wait(days=1)

    assert said.event == issues.OutcomeReviewDue(outcome="not_feasible")
    assert (
        names(driver.say(issues.ReopenIssue(reason="政策变了"), "veg-1", by="p-branch"))[0] == "IssueReopened"
    )


def test_an_issue_reopened_before_that_day_has_no_review_due() -> None:
    driver = issue_steps.start()
    close_as_not_feasible(driver)
    driver.say(issues.RequestReopen(reason="又来了", channel="app"), "veg-1", by="p-1")
    driver.say(issues.ReopenIssue(reason="属实"), "veg-1", by="p-branch")
    assert issue_steps.due(driver) == []
    assert driver.wait(days=200) == []
