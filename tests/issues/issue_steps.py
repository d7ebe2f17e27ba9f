"""The issue `veg-1`, a vegetable patch, from its submission to its closing.

A function with an imperative name sends commands, after those of the step before it; one with a gerund as its name
only builds a command.
A noun is the name of a function that asks a question, and so is `show`.
The events that the service emitted are returned where a test needs them.
"""

from datetime import datetime, timedelta
from typing import Any

from microgov.contracts import issues
from microgov.contracts.ids import MESSAGE_NAMESPACE
from microgov.contracts.notify import NoticeDelivered
from microgov.services.chassis.model import Said
from microgov.services.issues.handlers import service
from microgov.services.issues.questions.list import list_due, show_topic
from microgov.services.issues.questions.show import show_ballot, show_issue
from microgov.testing.service_driver import ServiceDriver, driver_of, refusal

TRIAGE = issues.TriageIssue(
    theme="greening", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
)
ITEM = issues.ActionItem.model_validate(
    {"text": "围栏", "unit": "metre", "target": 6, "due": "2026-04-01T00:00:00Z"}, strict=False
)

YEAR = {
    "year": 2026,
    "holidays": [
        *(f"2026-01-{day:02}" for day in (1, 2, 3)),
        *(f"2026-02-{day:02}" for day in range(15, 24)),
        *(f"2026-04-{day:02}" for day in (4, 5, 6)),
        *(f"2026-05-{day:02}" for day in range(1, 6)),
        *(f"2026-06-{day:02}" for day in (19, 20, 21)),
        *(f"2026-09-{day:02}" for day in (25, 26, 27)),
        *(f"2026-10-{day:02}" for day in range(1, 8)),
    ],
    "workdays": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
}
"""Holidays and shifted working days of 2026, as published by the State Council."""


def start(**rules: dict[str, Any]) -> ServiceDriver:
    """A service with places, people p-1 … p-8 and the default rules, changed by section."""
    return driver_of(service, **rules)


def submit(driver: ServiceDriver, subject: str = "veg-1", channel: str = "app", **how: Any) -> list[Said]:
    """p-1 submits an issue; `how` changes who sends it, in which role or scope."""
    return driver.say(
        issues.SubmitIssue(title="菜地", text="没人管", place="yuanbu-south", channel=channel),
        subject,
        **{"by": "p-1", **how},
    )


def triage(driver: ServiceDriver) -> None:
    """The issue is submitted, accepted and triaged."""
    submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")
    driver.say(TRIAGE, "veg-1", by="p-branch")


def cosign(driver: ServiceDriver, person: str) -> list[Said]:
    """The person cosigns the issue."""
    return driver.say(issues.CosignIssue(channel="app"), "veg-1", by=person)


def propose(driver: ServiceDriver) -> None:
    """The issue is triaged, cosigned by p-2 and p-3, with the topic `topic-1` and the options `opt-fence`, `opt-flowers`."""
    triage(driver)
    cosign(driver, "p-2")
    cosign(driver, "p-3")
    driver.say(issues.OpenDeliberation(topic="topic-1", title="菜地怎么办"), "veg-1", by="p-branch")
    for option, person in (("opt-fence", "p-1"), ("opt-flowers", "p-4")):
        driver.say(issues.ProposeOption(option=option, text="这样办", channel="app"), "topic-1", by=person)


def convening(driver: ServiceDriver, session: str = "s-1") -> issues.ConveneSession:
    """The command that convenes an online session, open from now until the 20th."""
    return issues.ConveneSession(
        session=session, kind="micro_topic", opens_at=driver.now, closes_at=driver.now.replace(day=20)
    )


def open_ballot(driver: ServiceDriver, kind: str = "one_of", secret: bool = False) -> list[Said]:
    """A session `s-1` on the proposed topic, and its ballot `b-1`, open until the 4th."""
    propose(driver)
    driver.say(convening(driver), "topic-1", by="p-branch")
    closes = driver.now.replace(day=4)
    opening = issues.OpenBallot.model_validate(
        {"session": "s-1", "kind": kind, "closes_at": closes, "secret": secret}
    )
    return driver.say(opening, "b-1", by="p-branch")


def voting(option: str = "opt-fence", stance: str = "agree", about: str | None = None) -> issues.CastVote:
    """The command that casts a vote."""
    choice = {"kind": "open", "option": option, "stance": stance}
    return issues.CastVote.model_validate({"choice": choice, "option": about, "channel": "app"})


def close_ballot(driver: ServiceDriver) -> list[Said]:
    """Four people vote, one of them twice, and `opt-fence` carries; returns the events that follow the closing time."""
    open_ballot(driver)
    for person, option in (
        ("p-1", "opt-flowers"),
        ("p-2", "opt-fence"),
        ("p-3", "opt-fence"),
        ("p-4", "opt-flowers"),
    ):
        driver.say(voting(option), "b-1", by=person)
    driver.say(voting("opt-fence"), "b-1", by="p-1")
    return driver.wait(days=3)


def confirm_minutes(driver: ServiceDriver) -> list[Said]:
    """The minutes of the session are drafted and confirmed by p-1 and p-2."""
    close_ballot(driver)
    driver.say(issues.DraftMinutes(text="记录"), "s-1", by="p-branch")
    driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-1")
    return driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by="p-2")


def adopt_resolution(driver: ServiceDriver) -> str:
    """`opt-fence` is adopted; returns the id of its action item."""
    confirm_minutes(driver)
    said = driver.say(issues.AdoptResolution(option="opt-fence", items=[ITEM]), "topic-1", by="p-branch")
    return said[-1].subject


def do_action_item(driver: ServiceDriver) -> str:
    """p-5 claims the action item and reports it done; returns its id."""
    item = adopt_resolution(driver)
    driver.say(issues.ClaimActionItem(channel="app"), item, by="p-5")
    driver.say(issues.ReportActionDone(done=6, at_least=True, evidence="照片", channel="app"), item, by="p-5")
    return item


def report_result(driver: ServiceDriver) -> str:
    """The action item is verified and the result reported; returns the id of the item."""
    item = do_action_item(driver)
    driver.say(
        issues.VerifyActionItem(note="看过", channel="visit"), item, by="p-social", role="social_worker"
    )
    driver.say(issues.ReportResult(text="围栏建好了"), "veg-1", by="p-branch")
    return item


def deliver_result(driver: ServiceDriver, *people: str) -> None:
    """The service folds events of notify: the notice of the result has been delivered to these people."""
    for person in people:
        driver.hear(
            NoticeDelivered(
                source_id=MESSAGE_NAMESPACE,
                notice_type="result_reported",
                recipient=person,
                entity="veg-1",
                channel="inbox",
            ),
            "n-1",
        )


def close_issue(driver: ServiceDriver) -> list[Said]:
    """Everybody concerned is notified of the result, and the issue is closed as resolved."""
    report_result(driver)
    deliver_result(driver, "p-1", "p-2", "p-3")
    return driver.say(issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch")


def show(driver: ServiceDriver, issue: str = "veg-1") -> issues.IssueShown:
    """The answer to ShowIssue."""
    return show_issue(issues.ShowIssue(issue=issue), driver.s)


def topic(driver: ServiceDriver, id: str = "topic-1") -> issues.WholeTopic:
    """The answer to ShowTopic."""
    return show_topic(issues.ShowTopic(topic=id), driver.s)


def session(driver: ServiceDriver, id: str = "s-1") -> issues.SessionShown:
    """The session on `topic-1`, as ShowTopic shows it."""
    return next(one for one in topic(driver).sessions if one.session == id)


def ballot(driver: ServiceDriver, id: str = "b-1") -> issues.BallotShown:
    """The answer to ShowBallot."""
    return show_ballot(issues.ShowBallot(ballot=id), driver.s)


def due(driver: ServiceDriver) -> list[issues.DueListed]:
    """What ListDue lists: everything that is overdue, or falls due at any time to come."""
    return list_due(issues.ListDue(until=driver.now + timedelta(days=9999), most=200), driver.s).due


def refusal_code(driver: ServiceDriver, command: Any, subject: str = "veg-1", **how: Any) -> str:
    """The error code with which the command of the branch is refused."""
    return refusal(driver, command, subject, **{"by": "p-branch", **how}).code


def submit_many(driver: ServiceDriver, *ids: str, place: str = "yuanbu-south") -> None:
    """p-1 submits an issue for each id."""
    for id in ids:
        driver.say(issues.SubmitIssue(title=f"事项 {id}", text="x", place=place, channel="app"), id, by="p-1")


def suspend(driver: ServiceDriver, id: str, place: str, **time: int) -> datetime:
    """Submits an issue, accepts it and suspends it for this time; returns the time of its review, in UTC."""
    submit_many(driver, id, place=place)
    driver.say(issues.AcceptIssue(), id, by="p-branch")
    until = driver.now + timedelta(**time)
    driver.say(issues.SuspendIssue(reason="x", review_at=until), id, by="p-branch")
    return until
