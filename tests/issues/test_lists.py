"""What can be asked about many issues, about a topic, and about what is due."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.chassis.replay.replay import prepare
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.clocks.clock import Clock
from microgov.services.issues.handlers import service
from microgov.services.issues.model import Deadline
from microgov.services.issues.questions.list import list_due, list_issues, show_topic
from tests.issues import issue_steps
from tests.support.fold_session import DriverSession
from tests.support.servers import PostgresServer
from tests.support.service_driver import ServiceDriver, change_rules, driver_of


@pytest.fixture(scope="module")
def on_postgres(postgres: PostgresServer) -> str:
    return postgres.create("lists")


@pytest.fixture(params=["sqlite", "postgresql"])
def driver(request: pytest.FixtureRequest) -> Iterator[ServiceDriver]:
    """A neighbourhood on either database."""
    if request.param == "sqlite":
        yield issue_steps.start()
        return
    made = engine(request.getfixturevalue("on_postgres"))
    prepare(made, service)
    with DriverSession(made) as s:
        yield driver_of(service, s)
    made.dispose()


def several(driver: ServiceDriver, *ids: str, place: str = "yuanbu-south") -> None:
    for id in ids:
        driver.say(issues.SubmitIssue(title=f"事项 {id}", text="x", place=place, channel="app"), id, by="p-1")


def pages(
    driver: ServiceDriver, most: int, between: dict[int, str] | None = None, **asked: Any
) -> list[list[str]]:
    """The ids, page by page; before page n an issue of that id is added."""
    found: list[list[str]] = []
    after: str | None = None
    while not found or after is not None:
        if between and len(found) in between:
            several(driver, between[len(found)])
        page = list_issues(issues.ListIssues(after_id=after, most=most, **asked), driver.s)
        found.append([one.issue for one in page.issues])
        after = page.next
        assert len(found) < 20
    return found


def refused(
    question: issues.ListIssues | issues.ListDue | issues.ShowTopic, driver: ServiceDriver
) -> tuple[str, str]:
    ask = {issues.ListIssues: list_issues, issues.ListDue: list_due, issues.ShowTopic: show_topic}[
        type(question)
    ]
    with pytest.raises(Refused) as caught:
        ask(question, driver.s)  # type: ignore[operator]  # each is asked its own
    assert caught.value.words.zh
    assert caught.value.words.en
    return caught.value.code, caught.value.field


def test_pages_show_every_issue_once_also_while_issues_are_added(driver: ServiceDriver) -> None:
    there = [f"v-{n:02}" for n in range(10)]
    several(driver, *there)

    plain = pages(driver, 4)
    shown = pages(driver, 4, {1: "v-04a", 2: "v-00a"})  # one ahead of what was shown, one behind it

    assert [len(page) for page in plain] == [4, 4, 2]
    assert list(chain(*plain)) == there
    assert list(chain(*shown)) == sorted([*there, "v-04a"])


def test_a_last_page_that_is_full_has_no_next(driver: ServiceDriver) -> None:
    several(driver, "v-1", "v-2")

    assert pages(driver, 2) == [["v-1", "v-2"]]
    assert pages(driver, 1) == [["v-1"], ["v-2"]]


def test_issues_are_listed_by_state_theme_and_place(driver: ServiceDriver) -> None:
    issue_steps.triage(driver)
    several(driver, "v-1")
    several(driver, "v-2", place="elsewhere")

    assert pages(driver, 50, state="submitted") == [["v-1", "v-2"]]
    assert pages(driver, 50, theme="greening") == [["veg-1"]]
    assert pages(driver, 50, theme="parking") == [[]]
    assert pages(driver, 50, community="yuanbu") == [["v-1", "veg-1"]]
    assert pages(driver, 50, community="donghu") == [["v-1", "v-2", "veg-1"]]
    assert pages(driver, 50, community="elsewhere", state="triaged") == [[]]


def held(driver: ServiceDriver, id: str, place: str, **time: int) -> datetime:
    several(driver, id, place=place)
    driver.say(issues.AcceptIssue(), id, by="p-branch")
    until = driver.now + timedelta(**time)
    driver.say(issues.SuspendIssue(reason="x", review_at=until), id, by="p-branch")
    return until


def test_a_deadline_lists_those_with_something_due_before_it_the_ballots_among_them(
    driver: ServiceDriver,
) -> None:
    issue_steps.ballot(driver)
    closes = driver.now.replace(day=4)
    review = held(driver, "v-1", "elsewhere", days=9)

    before = list_issues(issues.ListIssues(deadline=review), driver.s)
    after = list_issues(issues.ListIssues(deadline=review + timedelta(microseconds=1)), driver.s)

    assert [(one.issue, one.due_at) for one in before.issues] == [("veg-1", closes)]
    assert [(one.issue, one.due_at) for one in after.issues] == [("v-1", review), ("veg-1", closes)]
    assert list_issues(issues.ListIssues(deadline=closes), driver.s).issues == []


def test_what_is_due_is_told_with_its_issue_the_oldest_first(driver: ServiceDriver) -> None:
    issue_steps.ballot(driver)
    closes = driver.now.replace(day=4)
    review = held(driver, "v-1", "elsewhere", days=1)

    found = list_due(issues.ListDue(until=closes), driver.s)
    here = list_due(issues.ListDue(until=closes, community="yuanbu"), driver.s)

    assert [(one.kind, one.entity, one.issue, one.due_at) for one in found.due] == [
        ("review", "v-1", "v-1", review),
        ("ballot", "b-1", "veg-1", closes),
    ]
    assert (found.total, found.next, found.due[0].state, found.due[0].title) == (
        2,
        None,
        "on_hold",
        "事项 v-1",
    )
    assert [one.entity for one in here.due] == ["b-1"]
    assert here.total == 1
    assert list_due(issues.ListDue(until=review - timedelta(microseconds=1)), driver.s).total == 0


def test_a_mediation_is_due_about_its_issue(driver: ServiceDriver) -> None:
    issue_steps.triage(driver)
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    asking = {
        "mediation": "m-1",
        "parties": ["p-1", "p-3"],
        "instrument": "informal",
        "reason": "x",
        "channel": "app",
    }
    driver.say(issues.RequestMediation.model_validate(asking), "veg-1", by="p-1")
    for party in ("p-1", "p-3"):
        driver.say(issues.ConsentToMediation(channel="app"), "m-1", by=party)

    found = list_due(issues.ListDue(until=driver.now + timedelta(days=99)), driver.s)

    assert [(one.kind, one.entity, one.issue) for one in found.due] == [("mediation", "m-1", "veg-1")]


def test_a_clock_is_due_on_its_day_and_not_on_that_of_its_warning(driver: ServiceDriver) -> None:
    change_rules(driver, "calendar", years=[issue_steps.YEAR])
    change_rules(driver, "clocks", dispatch_days=2)
    issue_steps.triage(driver)
    due = next(m.data.due_at for m in driver.log if isinstance(m.data, issues.ClockStarted))
    warned = driver.row(Deadline, "dispatch", "veg-1").due_at

    before = list_due(issues.ListDue(until=due - timedelta(microseconds=1)), driver.s)
    found = list_due(issues.ListDue(until=due), driver.s)

    assert warned < due
    assert before.total == 0
    assert [(one.kind, one.entity, one.due_at) for one in found.due] == [("dispatch", "veg-1", due)]
    assert list_issues(issues.ListIssues(), driver.s).issues[0].due_at == due


@pytest.mark.rule("2", "what was missed is listed as due until it is done, action items too")
def test_what_was_missed_is_due_until_it_is_done(driver: ServiceDriver) -> None:
    change_rules(driver, "calendar", years=[issue_steps.YEAR])
    change_rules(driver, "clocks", dispatch_days=2)
    issue_steps.triage(driver)
    due = driver.row(Clock, "veg-1", "dispatch").due_at
    driver.wait(days=30)

    missed = list_due(issues.ListDue(until=driver.now), driver.s).due
    listed = list_issues(issues.ListIssues(), driver.s).issues[0].due_at
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")

    assert [(one.kind, one.issue, one.due_at) for one in missed] == [("dispatch", "veg-1", due)]
    assert listed == due
    assert list_due(issues.ListDue(until=driver.now), driver.s).due == []


@pytest.mark.rule("2", "what was missed is listed as due until it is done, action items too")
def test_an_action_item_is_due_until_it_is_reported_done(driver: ServiceDriver) -> None:
    issue_steps.adopt(driver)
    item = driver.rows(Action)[0]

    before = list_due(issues.ListDue(until=item.due - timedelta(microseconds=1)), driver.s).due
    found = list_due(issues.ListDue(until=item.due), driver.s).due
    driver.say(issues.ClaimActionItem(channel="app"), item.id, by="p-2")
    driver.say(
        issues.ReportActionDone(done=item.target, at_least=False, evidence="x", channel="app"),
        item.id,
        by="p-2",
    )

    assert "action_item" not in [one.kind for one in before]
    assert ("action_item", item.id, "veg-1", item.due) in [
        (one.kind, one.entity, one.issue, one.due_at) for one in found
    ]
    assert "action_item" not in [one.kind for one in list_due(issues.ListDue(until=item.due), driver.s).due]


def test_what_is_due_at_one_time_is_paged_without_a_gap(driver: ServiceDriver) -> None:
    until, *_ = [held(driver, f"v-{n}", "yuanbu", days=2) for n in (3, 1, 2)]

    first = list_due(issues.ListDue(until=until, most=2), driver.s)
    second = list_due(issues.ListDue(until=until, most=2, after_key=first.next), driver.s)

    assert ([one.entity for one in first.due], first.total) == (["v-1", "v-2"], 3)
    assert ([one.entity for one in second.due], second.total, second.next) == (["v-3"], 1, None)


def test_what_is_done_is_due_no_more(driver: ServiceDriver) -> None:
    until = held(driver, "v-1", "yuanbu", days=2)

    driver.say(issues.ResumeIssue(reason="x"), "v-1", by="p-branch")

    assert list_due(issues.ListDue(until=until), driver.s).total == 0
    assert list_issues(issues.ListIssues(), driver.s).issues[0].due_at is None


def test_a_topic_is_shown_with_its_options_its_sessions_and_every_tally(driver: ServiceDriver) -> None:
    issue_steps.ballot(driver)
    driver.say(issue_steps.vote(), "b-1", by="p-1")
    driver.wait(days=3)
    driver.say(issue_steps.convening(driver, "s-2"), "topic-1", by="p-branch")
    driver.say(
        issues.OpenBallot(session="s-2", kind="each", closes_at=driver.now.replace(day=9)),
        "b-2",
        by="p-branch",
    )
    for person in ("p-2", "p-3", "p-4"):
        driver.say(issue_steps.vote(about="opt-fence"), "b-2", by=person)

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
    assert refused(issues.ListIssues(state="finished"), driver) == ("unknown_state", "state")
    assert refused(issues.ListIssues(community="nowhere"), driver) == ("unknown_place", "community")
    assert refused(issues.ListDue(until=driver.now, community="nowhere"), driver) == (
        "unknown_place",
        "community",
    )
    assert refused(issues.ShowTopic(topic="nothing"), driver) == ("not_found", "topic")
