"""Beside the straight way: appeal, routing and returns, hold, withdrawal, reopening (domain.md §2.1, 2.2)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Deadline
from tests.issues import issue_steps
from tests.support.service_driver import Talk, names, refusal


def declined(talk: Talk) -> None:
    issue_steps.submit(talk)
    talk.say(issues.DeclineIssue(ground="no_content", reason="没有内容"), "veg-1", by="p-branch")


def branch(talk: Talk, command: Any, by: str = "p-branch") -> list[Any]:
    return talk.say(command, "veg-1", by=by)


def code(talk: Talk, command: Any, **how: Any) -> tuple[str, str]:
    refused = refusal(talk, command, "veg-1", **{"by": "p-branch", **how})
    return refused.code, refused.field


APPEAL = issues.AppealDecline(reason="有照片", channel="app")


@pytest.mark.rule("2", "declining has a reason; one appeal, another person decides")
def test_the_reporter_appeals_once_and_another_person_decides() -> None:
    talk = issue_steps.start()
    declined(talk)

    assert code(talk, APPEAL, by="p-2") == ("not_reporter", "authid")
    assert names(talk.say(APPEAL, "veg-1", by="p-1")) == ["DeclineAppealed"]
    assert code(talk, issues.AcceptIssue()) == ("decided_before", "authid")
    assert code(talk, issues.DeclineIssue(ground="abuse", reason="x")) == ("decided_before", "authid")
    assert names(
        branch(talk, issues.DeclineIssue(ground="abuse", reason="还是不予受理"), by="p-secretary")
    ) == ["IssueDeclined"]
    assert code(talk, APPEAL, by="p-1") == ("already_appealed", "subject")


def test_an_appeal_can_lead_to_acceptance() -> None:
    talk = issue_steps.start()
    declined(talk)
    talk.say(APPEAL, "veg-1", by="p-1")

    assert names(branch(talk, issues.AcceptIssue(), by="p-secretary")) == ["IssueAccepted"]
    assert talk.row(Issue, "veg-1").state == "accepted"


def returned(talk: Talk) -> list[Any]:
    branch(talk, issues.RouteIssue(owner="water-office", rule="theme greening"))
    return branch(talk, issues.ReturnIssue(reason="不归我们管"))


@pytest.mark.rule("2", "the third return escalates")
def test_the_third_return_escalates_and_no_other() -> None:
    talk = issue_steps.start()
    issue_steps.triage(talk)

    first, second, third, fourth = (returned(talk) for _ in range(4))

    assert [names(one) for one in (first, second, fourth)] == [["IssueReturned"]] * 3
    assert names(third) == ["IssueReturned", "IssueEscalated"]
    assert third[0].event.number == 3 and third[0].event.owner == "water-office"
    assert third[1].event.cause == "third_return"
    assert talk.row(Handling, "veg-1").level == "sub_district"


def test_the_rules_say_which_return_escalates() -> None:
    talk = issue_steps.start(course={"returns": 1})
    issue_steps.triage(talk)

    assert names(returned(talk)) == ["IssueReturned", "IssueEscalated"]


def test_the_liaison_station_places_it_on_the_agenda() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)

    said = talk.say(
        issues.EscalateIssue(reason="涉及三个小区"), "veg-1", by="p-liaison", role="liaison_station"
    )

    assert names(said) == ["IssueEscalated"] and said[0].event == issues.IssueEscalated(
        level="sub_district", cause="by_hand", reason="涉及三个小区"
    )
    assert talk.row(Issue, "veg-1").state == "submitted"


def test_a_routed_issue_can_be_deliberated() -> None:
    talk = issue_steps.start()
    issue_steps.triage(talk)
    branch(talk, issues.RouteIssue(owner="water-office", rule="by_hand"))

    assert names(branch(talk, issues.OpenDeliberation(topic="topic-1", title="x"))) == ["DeliberationOpened"]


def hold(talk: Talk, days: int) -> issues.SuspendIssue:
    return issues.SuspendIssue(reason="等施工许可", review_at=talk.now + timedelta(days=days))


def test_it_goes_on_by_itself_on_the_day_of_review() -> None:
    talk = issue_steps.start()
    issue_steps.triage(talk)
    branch(talk, hold(talk, 10))

    assert names(issue_steps.cosign(talk, "p-3")) == ["IssueCosigned"]
    assert talk.wait(days=9) == []
    (said,) = talk.wait(days=1)

    assert said.event == issues.IssueResumed(state="triaged", automatic=True)
    assert talk.row(Issue, "veg-1").state == "triaged"


def test_it_goes_on_earlier_when_somebody_says_so() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    branch(talk, hold(talk, 10))

    (said,) = branch(talk, issues.ResumeIssue(reason="许可已下"))

    assert said.event == issues.IssueResumed(state="submitted", automatic=False)
    assert talk.wait(days=30) == [] and talk.rows(Deadline) == []


@pytest.mark.rule("2", "a hold has a reason, a day and a cap")
def test_a_hold_has_a_day_to_come_and_a_cap() -> None:
    talk = issue_steps.start(course={"suspension_days": 20})
    issue_steps.submit(talk)

    assert code(talk, hold(talk, 0)) == ("review_in_the_past", "data.review_at")
    assert code(talk, hold(talk, 21)) == ("suspended_too_long", "data.review_at")
    assert names(branch(talk, hold(talk, 20))) == ["IssueSuspended"]
    assert code(talk, hold(talk, 20)) == ("wrong_state", "subject")


WITHDRAWING = issues.WithdrawIssue(channel="app")


def test_what_nobody_else_has_signed_ends_with_its_reporter() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    issue_steps.cosign(talk, "p-2")
    talk.say(issues.WithdrawCosign(channel="app"), "veg-1", by="p-2")
    branch(talk, hold(talk, 10))

    assert code(talk, WITHDRAWING, by="p-2") == ("not_reporter", "authid")
    assert names(talk.say(WITHDRAWING, "veg-1", by="p-1")) == ["IssueWithdrawn"]
    assert talk.row(Issue, "veg-1").state == "withdrawn" and talk.wait(days=30) == []


@pytest.mark.rule("2", "a master whose reporter withdraws passes on")
def test_what_others_have_signed_passes_on_to_one_of_them() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    for person in ("p-4", "p-3", "p-5"):
        issue_steps.cosign(talk, person)

    (said,) = talk.say(WITHDRAWING, "veg-1", by="p-1")

    assert said.event == issues.IssuePassedOn(person="p-1", reporter="p-3", people=2, households=2)
    assert talk.row(Issue, "veg-1").state == "submitted"
    assert code(talk, issues.CosignIssue(channel="app"), by="p-3") == ("own_issue", "authid")
    assert names(issue_steps.cosign(talk, "p-1")) == ["IssueCosigned"]


def closed(talk: Talk) -> Issue:
    issue_steps.report(talk)
    issue: Issue = talk.row(Issue, "veg-1")
    issue.untold = issue.open_items = 0
    branch(talk, issues.CloseIssue(outcome="resolved"))
    return issue


def survey(talk: Talk, solved: bool, by: str = "p-2") -> list[Any]:
    return talk.say(
        issues.AnswerSurvey(contacted=True, solved=solved, satisfied=False, channel="app"), "veg-1", by=by
    )


def test_not_solved_asks_for_it_again() -> None:
    talk = issue_steps.start()
    closed(talk)

    assert names(survey(talk, solved=True, by="p-1")) == ["SurveyAnswered"]
    assert code(talk, issues.ReopenIssue(reason="x")) == ("reopen_not_requested", "subject")
    assert names(survey(talk, solved=False)) == ["SurveyAnswered", "ReopenRequested"]


@pytest.mark.rule("2", '"not solved" asks for it again; reopened, it is deliberated anew')
def test_reopened_it_is_deliberated_and_told_and_asked_anew() -> None:
    talk = issue_steps.start()
    issue = closed(talk)
    survey(talk, solved=False)

    (said,) = branch(talk, issues.ReopenIssue(reason="围栏又倒了"))

    assert said.event == issues.IssueReopened(reason="围栏又倒了", new_record=True)
    assert (issue.state, issue.records, issue.outcome, issue.survey_until) == ("triaged", 0, None, None)
    assert code(talk, issues.CloseIssue(outcome="resolved")) == ("no_deliberation_record", "subject")
    issue.state, issue.records = "reported", 1
    branch(talk, issues.CloseIssue(outcome="resolved"))
    assert names(survey(talk, solved=True)) == ["SurveyAnswered"]


def test_the_branch_may_keep_the_record_with_a_reason_or_refuse() -> None:
    talk = issue_steps.start()
    issue = closed(talk)
    asking = issues.RequestReopen(reason="没解决", channel="app")

    assert code(talk, asking, by="p-8") == ("not_concerned", "authid")
    assert names(talk.say(asking, "veg-1", by="p-2")) == ["ReopenRequested"]
    assert names(branch(talk, issues.RefuseReopen(reason="已修好"))) == ["ReopenRefused"]
    assert code(talk, issues.ReopenIssue(reason="x")) == ("reopen_not_requested", "subject")
    talk.say(asking, "veg-1", by="p-2")
    branch(talk, issues.ReopenIssue(reason="返工", keeps_record="决议仍有效"))

    assert (issue.state, issue.records) == ("triaged", 1)
