"""Notify with one issue `veg-1` that concerns p-1 (its reporter), p-2 and p-3 (who cosigned it)."""

from collections.abc import Mapping
from typing import Any

from microgov.contracts import issues, matching
from microgov.contracts.message import Event
from microgov.contracts.notify import RegisterContact
from microgov.services.chassis.model import Said
from microgov.services.notify.handlers import service
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.notice import Notice
from tests.support.service_driver import ServiceDriver, driver_of


def start(**rules: dict[str, Any]) -> ServiceDriver:
    """A service that has folded the submission and the cosigning of the issue."""
    driver = driver_of(service, **rules)
    submitted = issues.IssueSubmitted(title="菜地", place="yuanbu", channel="app", reporter="p-1")
    driver.hear(submitted, "veg-1", by="p-1")
    for person in ("p-2", "p-3"):
        cosigned = issues.IssueCosigned(person=person, household="h", people=1, households=1)
        driver.hear(cosigned, "veg-1", by=person)
    return driver


def report_result(driver: ServiceDriver, by: str = "p-branch") -> list[Said]:
    """Notify folds the event of issues that the result is reported; returns its own events."""
    return driver.hear(issues.ResultReported(text="好了", recipients=3), "veg-1", by=by)


def recipients(driver: ServiceDriver, notice_type: str) -> list[str]:
    """Who has a notice of this type."""
    return sorted(row.recipient for row in driver.rows(Notice) if row.notice_type == notice_type)


def bodies(driver: ServiceDriver, notice_type: str) -> dict[str, str]:
    """The text of the notice of this type by its recipient, in the language of the recipient."""
    return {
        row.recipient: row.text(driver.s).body
        for row in driver.rows(Notice)
        if row.notice_type == notice_type
    }


def start_with_offer(**rules: dict[str, Any]) -> ServiceDriver:
    """A service that has also folded an offer `offer-1` of the organisation `org-1`, for which p-6 and p-7 act."""
    driver = start(**rules)
    people = ["p-6", "p-7"]
    filed = matching.OrganisationFiled(
        name="互助社", status="filed", domains=[], places=["yuanbu"], representatives=people
    )
    driver.hear(filed, "org-1")
    driver.hear(
        matching.OfferSubmitted(
            organisation="org-1", title="修水管", module="repair", place="yuanbu", slots=[]
        ),
        "offer-1",
    )
    return driver


def register_webhook(driver: ServiceDriver, person: str = "p-2") -> None:
    """The person registers a webhook."""
    driver.say(RegisterContact(channel="webhook"), f"contact-{person}", by=person, role="resident")


def webhook_delivery(driver: ServiceDriver) -> Delivery:
    """The only delivery that does not go to an inbox."""
    found: list[Delivery] = [row for row in driver.rows(Delivery) if row.channel != "inbox"]
    assert len(found) == 1
    return found[0]


def report_outcome(driver: ServiceDriver, event: type[Event], **values: Any) -> list[Said]:
    """The sender reports an outcome of the current attempt; returns the events of notify."""
    row = webhook_delivery(driver)
    given: Mapping[str, Any] = {"attempt": row.attempt, "code": "http_503", **values}
    return driver.hear(event.model_validate(given), row.id, by="notify-edge")
