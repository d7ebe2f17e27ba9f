"""Notify with one issue `veg-1` that concerns p-1 (its reporter), p-2 and p-3 (who cosigned it)."""

from collections.abc import Mapping
from typing import Any

from microgov.contracts import issues, matching
from microgov.contracts.directory import PersonRegistered
from microgov.contracts.message import Event
from microgov.contracts.notify import DeliveryShown, NoticeDelivered, NoticeShown, RegisterContact, ShowInbox
from microgov.services.chassis.model import Said
from microgov.services.notify.handlers import service
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.questions import show_inbox
from microgov.testing.service_driver import ServiceDriver, driver_of


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


def inbox(driver: ServiceDriver, person: str) -> list[NoticeShown]:
    """The person's notices, the newest first, as ShowInbox shows them."""
    return show_inbox(ShowInbox(person=person, most=200), driver.s).notices


def notices(driver: ServiceDriver) -> list[tuple[str, NoticeShown]]:
    """Each notice with its recipient, from the inboxes of all who are registered or have been notified."""
    messages = [m.data for m in driver.everything]
    people = {one.person for one in messages if isinstance(one, PersonRegistered)}
    people |= {one.recipient for one in messages if isinstance(one, NoticeDelivered)}
    return [(person, notice) for person in sorted(people) for notice in inbox(driver, person)]


def recipients(driver: ServiceDriver, notice_type: str) -> list[str]:
    """Who has a notice of this type."""
    return [person for person, notice in notices(driver) if notice.notice_type == notice_type]


def bodies(driver: ServiceDriver, notice_type: str) -> dict[str, str]:
    """The text of the notice of this type by its recipient, in the language of the recipient."""
    return {person: notice.body for person, notice in notices(driver) if notice.notice_type == notice_type}


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


def webhook_delivery(driver: ServiceDriver) -> DeliveryShown:
    """The only delivery that does not go to an inbox, as the inbox of its recipient shows it."""
    (found,) = [one for _, notice in notices(driver) for one in notice.deliveries if one.channel != "inbox"]
    return found


def delivery_id(driver: ServiceDriver) -> str:
    """The id of that delivery, which only its row has: the sender names it in its reports."""
    (found,) = [str(row.id) for row in driver.rows(Delivery) if row.channel != "inbox"]
    return found


def report_outcome(driver: ServiceDriver, event: type[Event], **values: Any) -> list[Said]:
    """The sender reports an outcome of the current attempt; returns the events of notify."""
    attempt = webhook_delivery(driver).attempts
    given: Mapping[str, Any] = {"attempt": attempt, "code": "http_503", **values}
    return driver.hear(event.model_validate(given), delivery_id(driver), by="notify-edge")
