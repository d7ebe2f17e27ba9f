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
from tests.support.fold_session import TalkSession
from tests.support.servers import PostgresServer
from tests.support.service_driver import Talk, change_rules, neighbourhood


@pytest.fixture(scope="module")
def on_postgres(postgres: PostgresServer) -> str:
    return postgres.create("lists")


@pytest.fixture(params=["sqlite", "postgresql"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    """A neighbourhood on either database."""
    if request.param == "sqlite":
        yield issue_steps.start()
        return
    made = engine(request.getfixturevalue("on_postgres"))
    prepare(made, service)
    with TalkSession(made) as s:
        yield neighbourhood(service, s)
    made.dispose()


def several(talk: Talk, *ids: str, place: str = "yuanbu-south") -> None:
    for id in ids:
        talk.say(issues.SubmitIssue(title=f"事项 {id}", text="x", place=place, channel="app"), id, by="p-1")


def pages(talk: Talk, most: int, between: dict[int, str] | None = None, **asked: Any) -> list[list[str]]:
    """The ids, page by page; before page n an issue of that id is added."""
    found: list[list[str]] = []
    after: str | None = None
    while not found or after is not None:
        if between and len(found) in between:
            several(talk, between[len(found)])
        page = list_issues(issues.ListIssues(after_id=after, most=most, **asked), talk.s)
        found.append([one.issue for one in page.issues])
        after = page.next
        assert len(found) < 20
    return found


def refused(question: issues.ListIssues | issues.ListDue | issues.ShowTopic, talk: Talk) -> tuple[str, str]:
    ask = {issues.ListIssues: list_issues, issues.ListDue: list_due, issues.ShowTopic: show_topic}[
        type(question)
    ]
    with pytest.raises(Refused) as caught:
        ask(question, talk.s)  # type: ignore[operator]  # each is asked its own
    assert caught.value.words.zh and caught.value.words.en
    return caught.value.code, caught.value.field


def test_pages_show_every_issue_once_also_while_issues_are_added(talk: Talk) -> None:
    there = [f"v-{n:02}" for n in range(10)]
    several(talk, *there)

    plain = pages(talk, 4)
    shown = pages(talk, 4, {1: "v-04a", 2: "v-00a"})  # one ahead of what was shown, one behind it

    assert [len(page) for page in plain] == [4, 4, 2] and list(chain(*plain)) == there
    assert list(chain(*shown)) == sorted([*there, "v-04a"])


def test_a_last_page_that_is_full_has_no_next(talk: Talk) -> None:
    several(talk, "v-1", "v-2")

    assert pages(talk, 2) == [["v-1", "v-2"]] and pages(talk, 1) == [["v-1"], ["v-2"]]


def test_issues_are_listed_by_state_theme_and_place(talk: Talk) -> None:
    issue_steps.triage(talk)
    several(talk, "v-1")
    several(talk, "v-2", place="elsewhere")

    assert pages(talk, 50, state="submitted") == [["v-1", "v-2"]]
    assert pages(talk, 50, theme="greening") == [["veg-1"]] and pages(talk, 50, theme="parking") == [[]]
    assert pages(talk, 50, community="yuanbu") == [["v-1", "veg-1"]]
    assert pages(talk, 50, community="donghu") == [["v-1", "v-2", "veg-1"]]
    assert pages(talk, 50, community="elsewhere", state="triaged") == [[]]


def held(talk: Talk, id: str, place: str, **time: int) -> datetime:
    several(talk, id, place=place)
    talk.say(issues.AcceptIssue(), id, by="p-branch")
    until = talk.now + timedelta(**time)
    talk.say(issues.SuspendIssue(reason="x", review_at=until), id, by="p-branch")
    return until


def test_a_deadline_lists_those_with_something_due_before_it_the_ballots_among_them(talk: Talk) -> None:
    issue_steps.ballot(talk)
    closes = talk.now.replace(day=4)
    review = held(talk, "v-1", "elsewhere", days=9)

    before = list_issues(issues.ListIssues(deadline=review), talk.s)
    after = list_issues(issues.ListIssues(deadline=review + timedelta(microseconds=1)), talk.s)

    assert [(one.issue, one.due_at) for one in before.issues] == [("veg-1", closes)]
    assert [(one.issue, one.due_at) for one in after.issues] == [("v-1", review), ("veg-1", closes)]
    assert list_issues(issues.ListIssues(deadline=closes), talk.s).issues == []


def test_what_is_due_is_told_with_its_issue_the_oldest_first(talk: Talk) -> None:
    issue_steps.ballot(talk)
    closes = talk.now.replace(day=4)
    review = held(talk, "v-1", "elsewhere", days=1)

    found = list_due(issues.ListDue(until=closes), talk.s)
    here = list_due(issues.ListDue(until=closes, community="yuanbu"), talk.s)

    assert [(one.kind, one.entity, one.issue, one.due_at) for one in found.due] == [
        ("review", "v-1", "v-1", review), ("ballot", "b-1", "veg-1", closes),
    ]  # fmt: skip
    assert (found.total, found.next, found.due[0].state, found.due[0].title) == (
        2,
        None,
        "on_hold",
        "事项 v-1",
    )
    assert [one.entity for one in here.due] == ["b-1"] and here.total == 1
    assert list_due(issues.ListDue(until=review - timedelta(microseconds=1)), talk.s).total == 0


def test_a_mediation_is_due_about_its_issue(talk: Talk) -> None:
    issue_steps.triage(talk)
    talk.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    asking = {
        "mediation": "m-1",
        "parties": ["p-1", "p-3"],
        "instrument": "informal",
        "reason": "x",
        "channel": "app",
    }
    talk.say(issues.RequestMediation.model_validate(asking), "veg-1", by="p-1")
    for party in ("p-1", "p-3"):
        talk.say(issues.ConsentToMediation(channel="app"), "m-1", by=party)

    found = list_due(issues.ListDue(until=talk.now + timedelta(days=99)), talk.s)

    assert [(one.kind, one.entity, one.issue) for one in found.due] == [("mediation", "m-1", "veg-1")]


def test_a_clock_is_due_on_its_day_and_not_on_that_of_its_warning(talk: Talk) -> None:
    change_rules(talk, "calendar", years=[issue_steps.YEAR])
    change_rules(talk, "clocks", dispatch_days=2)
    issue_steps.triage(talk)
    due = next(m.data.due_at for m in talk.log if isinstance(m.data, issues.ClockStarted))
    warned = talk.row(Deadline, "dispatch", "veg-1").due_at

    before = list_due(issues.ListDue(until=due - timedelta(microseconds=1)), talk.s)
    found = list_due(issues.ListDue(until=due), talk.s)

    assert warned < due and before.total == 0
    assert [(one.kind, one.entity, one.due_at) for one in found.due] == [("dispatch", "veg-1", due)]
    assert list_issues(issues.ListIssues(), talk.s).issues[0].due_at == due


@pytest.mark.rule("2", "what was missed is listed as due until it is done, action items too")
def test_what_was_missed_is_due_until_it_is_done(talk: Talk) -> None:
    change_rules(talk, "calendar", years=[issue_steps.YEAR])
    change_rules(talk, "clocks", dispatch_days=2)
    issue_steps.triage(talk)
    due = talk.row(Clock, "veg-1", "dispatch").due_at
    talk.wait(days=30)

    missed = list_due(issues.ListDue(until=talk.now), talk.s).due
    listed = list_issues(issues.ListIssues(), talk.s).issues[0].due_at
    talk.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")

    assert [(one.kind, one.issue, one.due_at) for one in missed] == [
        ("dispatch", "veg-1", due)
    ] and listed == due
    assert list_due(issues.ListDue(until=talk.now), talk.s).due == []


@pytest.mark.rule("2", "what was missed is listed as due until it is done, action items too")
def test_an_action_item_is_due_until_it_is_reported_done(talk: Talk) -> None:
    issue_steps.adopt(talk)
    item = talk.rows(Action)[0]

    before = list_due(issues.ListDue(until=item.due - timedelta(microseconds=1)), talk.s).due
    found = list_due(issues.ListDue(until=item.due), talk.s).due
    talk.say(issues.ClaimActionItem(channel="app"), item.id, by="p-2")
    talk.say(
        issues.ReportActionDone(done=item.target, at_least=False, evidence="x", channel="app"),
        item.id,
        by="p-2",
    )

    assert "action_item" not in [one.kind for one in before]
    assert ("action_item", item.id, "veg-1", item.due) in [
        (one.kind, one.entity, one.issue, one.due_at) for one in found
    ]
    assert "action_item" not in [one.kind for one in list_due(issues.ListDue(until=item.due), talk.s).due]


def test_what_is_due_at_one_time_is_paged_without_a_gap(talk: Talk) -> None:
    until, *_ = [held(talk, f"v-{n}", "yuanbu", days=2) for n in (3, 1, 2)]

    first = list_due(issues.ListDue(until=until, most=2), talk.s)
    second = list_due(issues.ListDue(until=until, most=2, after_key=first.next), talk.s)

    assert ([one.entity for one in first.due], first.total) == (["v-1", "v-2"], 3)
    assert ([one.entity for one in second.due], second.total, second.next) == (["v-3"], 1, None)


def test_what_is_done_is_due_no_more(talk: Talk) -> None:
    until = held(talk, "v-1", "yuanbu", days=2)

    talk.say(issues.ResumeIssue(reason="x"), "v-1", by="p-branch")

    assert list_due(issues.ListDue(until=until), talk.s).total == 0
    assert list_issues(issues.ListIssues(), talk.s).issues[0].due_at is None


def test_a_topic_is_shown_with_its_options_its_sessions_and_every_tally(talk: Talk) -> None:
    issue_steps.ballot(talk)
    talk.say(issue_steps.vote(), "b-1", by="p-1")
    talk.wait(days=3)
    talk.say(issue_steps.convening(talk, "s-2"), "topic-1", by="p-branch")
    talk.say(
        issues.OpenBallot(session="s-2", kind="each", closes_at=talk.now.replace(day=9)), "b-2", by="p-branch"
    )
    for person in ("p-2", "p-3", "p-4"):
        talk.say(issue_steps.vote(about="opt-fence"), "b-2", by=person)

    running = show_topic(issues.ShowTopic(topic="topic-1"), talk.s)
    talk.wait(days=9)
    closed = show_topic(issues.ShowTopic(topic="topic-1"), talk.s)

    sessions = [(one.session, one.state, one.present) for one in running.sessions]
    assert sessions == [("s-1", "adjourned", 1), ("s-2", "opened", 0)]
    assert [(one.ballot, one.state, one.people) for one in running.ballots] == [
        ("b-1", "closed", 1),
        ("b-2", "open", 3),
    ]
    assert [[(t.option, t.agree, t.carried) for t in one.tally] for one in running.ballots] == [
        [("opt-fence", 1, False), ("opt-flowers", 0, False)], [("opt-fence", 3, False), ("opt-flowers", 0, False)],
    ]  # fmt: skip
    assert [(t.option, t.carried) for t in closed.ballots[1].tally] == [
        ("opt-fence", True),
        ("opt-flowers", False),
    ]
    assert not closed.ballots[0].tally[0].carried and closed.options[0].tally == closed.ballots[1].tally[0]
    assert (closed.issue, closed.state, closed.quorum_met) == ("veg-1", "deliberated", True)


def test_a_wrong_question_is_refused_with_its_field(talk: Talk) -> None:
    assert refused(issues.ListIssues(state="finished"), talk) == ("unknown_state", "state")
    assert refused(issues.ListIssues(community="nowhere"), talk) == ("unknown_place", "community")
    assert refused(issues.ListDue(until=talk.now, community="nowhere"), talk) == (
        "unknown_place",
        "community",
    )
    assert refused(issues.ShowTopic(topic="nothing"), talk) == ("not_found", "topic")
