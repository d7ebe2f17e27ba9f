"""Notify with one issue, and what a test says to it."""

from collections.abc import Mapping
from typing import Any

from microgov.contracts import issues, matching
from microgov.contracts.message import Event
from microgov.contracts.notify import RegisterContact
from microgov.services.chassis.model import Said
from microgov.services.notify.handlers import service
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.notice import Notice
from tests.support.service_driver import Talk, neighbourhood


def start(**rules: dict[str, Any]) -> Talk:
    talk = neighbourhood(service, **rules)
    submitted = issues.IssueSubmitted(title="菜地", place="yuanbu", channel="app", reporter="p-1")
    talk.hear(submitted, "veg-1", by="p-1")
    for person in ("p-2", "p-3"):
        cosigned = issues.IssueCosigned(person=person, household="h", people=1, households=1)
        talk.hear(cosigned, "veg-1", by=person)
    return talk


def report(talk: Talk, by: str = "p-branch") -> list[Said]:
    return talk.hear(issues.ResultReported(text="好了", recipients=3), "veg-1", by=by)


def recipients(talk: Talk, notice_type: str) -> list[str]:
    return sorted(row.recipient for row in talk.rows(Notice) if row.notice_type == notice_type)


def bodies(talk: Talk, notice_type: str) -> dict[str, str]:
    """What each recipient reads."""
    return {
        row.recipient: row.text(talk.s).body for row in talk.rows(Notice) if row.notice_type == notice_type
    }


def offered(**rules: dict[str, Any]) -> Talk:
    talk = start(**rules)
    people = ["p-6", "p-7"]
    filed = matching.OrganisationFiled(
        name="互助社", status="filed", domains=[], places=["yuanbu"], representatives=people
    )
    talk.hear(filed, "org-1")
    talk.hear(
        matching.OfferSubmitted(
            organisation="org-1", title="修水管", module="repair", place="yuanbu", slots=[]
        ),
        "offer-1",
    )
    return talk


def with_webhook(talk: Talk, person: str = "p-2") -> None:
    talk.say(RegisterContact(channel="webhook"), f"contact-{person}", by=person, role="resident")


def under_way(talk: Talk) -> Delivery:
    """The one delivery that does not go to an inbox."""
    found: list[Delivery] = [row for row in talk.rows(Delivery) if row.channel != "inbox"]
    assert len(found) == 1
    return found[0]


def outcome(talk: Talk, event: type[Event], **values: Any) -> list[Said]:
    """The sender reports about the attempt under way."""
    row = under_way(talk)
    given: Mapping[str, Any] = {"attempt": row.attempt, "code": "http_503", **values}
    return talk.hear(event.model_validate(given), row.id, by="notify-edge")
