"""Lists of issues, page by page, and the answer about a topic."""

from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.issues.questions.list import list_due, list_issues, show_topic
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps


def pages(
    driver: ServiceDriver, most: int, between: dict[int, str] | None = None, **asked: Any
) -> list[list[str]]:
    """The ids of the issues, page by page; before page n the issue `between[n]` is submitted."""
    found: list[list[str]] = []
    after: str | None = None
    while not found or after is not None:
        if between and len(found) in between:
            issue_steps.submit_many(driver, between[len(found)])
        page = list_issues(issues.ListIssues(after_id=after, most=most, **asked), driver.s)
        found.append([one.issue for one in page.issues])
        after = page.next
        assert len(found) < 20
    return found


def code_and_field(
    question: issues.ListIssues | issues.ListDue | issues.ShowTopic, driver: ServiceDriver
) -> tuple[str, str]:
    """The error code and the field with which the question is refused."""
    ask = {issues.ListIssues: list_issues, issues.ListDue: list_due, issues.ShowTopic: show_topic}[
        type(question)
    ]
    with pytest.raises(Refused) as caught:
        ask(question, driver.s)  # type: ignore[operator]  # the function takes this type of question
    assert caught.value.words.zh
    assert caught.value.words.en
    return caught.value.code, caught.value.field


def test_pages_show_every_issue_once_also_while_issues_are_added(driver: ServiceDriver) -> None:
    there = [f"v-{n:02}" for n in range(10)]
    issue_steps.submit_many(driver, *there)

    plain = pages(driver, 4)
    shown = pages(driver, 4, {1: "v-04a", 2: "v-00a"})  # one after the ids shown so far, one before them

    assert [len(page) for page in plain] == [4, 4, 2]
    assert list(chain(*plain)) == there
    assert list(chain(*shown)) == sorted([*there, "v-04a"])


def test_a_last_page_that_is_full_has_no_next(driver: ServiceDriver) -> None:
    issue_steps.submit_many(driver, "v-1", "v-2")

    assert pages(driver, 2) == [["v-1", "v-2"]]
    assert pages(driver, 1) == [["v-1"], ["v-2"]]


def test_issues_are_listed_by_state_theme_and_place(driver: ServiceDriver) -> None:
    issue_steps.triage(driver)
    issue_steps.submit_many(driver, "v-1")
    issue_steps.submit_many(driver, "v-2", place="elsewhere")

    assert pages(driver, 50, state="submitted") == [["v-1", "v-2"]]
    assert pages(driver, 50, theme="greening") == [["veg-1"]]
    assert pages(driver, 50, theme="parking") == [[]]
    assert pages(driver, 50, community="yuanbu") == [["v-1", "veg-1"]]
    assert pages(driver, 50, community="donghu") == [["v-1", "v-2", "veg-1"]]
    assert pages(driver, 50, community="elsewhere", state="triaged") == [[]]


def test_a_list_by_deadline_has_the_issues_with_something_due_before_it_ballots_included(
    driver: ServiceDriver,
) -> None:
    issue_steps.open_ballot(driver)
    closes = driver.now.replace(day=4)
    review = issue_steps.suspend(driver, "v-1", "elsewhere", days=9)

    before = list_issues(issues.ListIssues(deadline=review), driver.s)
    after = list_issues(issues.ListIssues(deadline=review + timedelta(microseconds=1)), driver.s)

    assert [(one.issue, one.due_at) for one in before.issues] == [("veg-1", closes)]
    assert [(one.issue, one.due_at) for one in after.issues] == [("v-1", review), ("veg-1", closes)]
    assert list_issues(issues.ListIssues(deadline=closes), driver.s).issues == []


def test_a_topic_is_shown_with_its_options_its_sessions_and_every_tally(driver: ServiceDriver) -> None:
    issue_steps.open_ballot(driver)
    driver.say(issue_steps.voting(), "b-1", by="p-1")
    driver.wait(days=3)
    driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")
    driver.say(
        issues.OpenBallot(session="s-2", kind="each", closes_at=driver.now.replace(day=9)),
        "b-2",
        by="p-branch",
    )
    for person in ("p-2", "p-3", "p-4"):
        driver.say(issue_steps.voting(about="opt-fence"), "b-2", by=person)

    running = show_topic(issues.ShowTopic(topic="topic-1"), driver.s)
    driver.wait(days=9)
    closed = show_topic(issues.ShowTopic(topic="topic-1"), driver.s)

    sessions = [(one.session, one.state, one.present) for one in running.sessions]
    assert sessions == [("s-1", "adjourned", 1), ("s-2", "opened", 0)]
    assert [(one.ballot, one.state, one.people) for one in running.ballots] == [
        ("b-1", "closed", 1),
        ("b-2", "open", 3),
    ]
    assert [[(t.option, t.agree, t.carried) for t in one.tally] for one in running.ballots] == [
        [("opt-fence", 1, False), ("opt-flowers", 0, False)],
        [("opt-fence", 3, False), ("opt-flowers", 0, False)],
    ]
    assert [(t.option, t.carried) for t in closed.ballots[1].tally] == [
        ("opt-fence", True),
        ("opt-flowers", False),
    ]
    assert not closed.ballots[0].tally[0].carried
    assert closed.options[0].tally == closed.ballots[1].tally[0]
    assert (closed.issue, closed.state, closed.quorum_met) == ("veg-1", "deliberated", True)


def test_a_wrong_question_is_refused_with_its_field(driver: ServiceDriver) -> None:
    assert code_and_field(issues.ListIssues(state="finished"), driver) == ("unknown_state", "state")
    assert code_and_field(issues.ListIssues(community="nowhere"), driver) == ("unknown_place", "community")
    assert code_and_field(issues.ListDue(until=driver.now, community="nowhere"), driver) == (
        "unknown_place",
        "community",
    )
    assert code_and_field(issues.ShowTopic(topic="nothing"), driver) == ("not_found", "topic")
