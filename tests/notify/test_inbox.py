"""A person's inbox: notices, newest first, page by page."""

from itertools import chain

from microgov.contracts import issues, matching
from microgov.contracts.generated.example import example
from microgov.contracts.notify import ShowInbox
from microgov.services.notify.notices.notice import Notice
from microgov.services.notify.questions import show_inbox
from microgov.testing.service_driver import ServiceDriver
from tests.notify import notify_steps


def fill_inbox() -> tuple[ServiceDriver, list[str]]:
    """Ten events of two services concern p-1 in one instant; returns the types of their notices, the oldest first."""
    driver = notify_steps.start_with_offer()
    driver.hear(
        matching.OrderPlaced(beneficiary="p-1", placed_by="p-1", place="yuanbu", channel="app"),
        "order-1",
        by="p-1",
    )
    for _ in range(2):
        driver.hear(issues.IssueAccepted(automatic=False), "veg-1", by="p-branch")
        driver.hear(matching.OrderAccepted(reason="x"), "order-1", by="p-branch")
        driver.hear(
            issues.MediationOpened.model_validate(example(issues.MediationOpened)), "veg-1", by="p-branch"
        )
        driver.hear(matching.OrderCancelled(reason="x"), "order-1", by="p-branch")
        notify_steps.report_result(driver)
    return driver, [
        "issue_accepted",
        "order_accepted",
        "mediation_opened",
        "order_cancelled",
        "result_reported",
    ] * 2


def pages(driver: ServiceDriver, most: int) -> list[list[str]]:
    """The types of p-1's notices, page by page."""
    found, before = list[list[str]](), None
    for _ in range(10):
        page = show_inbox(ShowInbox(person="p-1", most=most, before=before), driver.s).notices
        if not page:
            break
        found.append([one.notice_type for one in page])
        before = page[-1].notice
    return found


def test_notices_of_one_instant_are_in_the_order_of_the_log() -> None:
    driver, types = fill_inbox()

    assert len({notice.made_at for _, notice in notify_steps.notices(driver)}) == 1
    assert pages(driver, 50) == [types[::-1]]


def test_pages_show_each_notice_once_and_in_order() -> None:
    driver, types = fill_inbox()

    found = pages(driver, 3)

    assert [len(page) for page in found] == [3, 3, 3, 1]
    assert [*chain(*found)] == types[::-1]


def test_notices_from_before_they_were_numbered_come_last_by_their_time() -> None:
    driver, types = fill_inbox()
    old = [row for row in sorted(driver.rows(Notice), key=lambda row: row.number) if row.recipient == "p-1"][
        :4
    ]
    for row, earlier in zip(old, (2, 1, 4, 3), strict=True):
        row.number, row.made_at = 0, row.made_at.replace(hour=8 - earlier)
    driver.s.flush()

    assert [*chain(*pages(driver, 3))] == types[:3:-1] + [types[at] for at in (1, 0, 3, 2)]


def test_every_notice_has_a_number_of_its_own() -> None:
    driver, _ = fill_inbox()

    assert sorted(row.number for row in driver.rows(Notice)) == list(range(1, len(driver.rows(Notice)) + 1))
