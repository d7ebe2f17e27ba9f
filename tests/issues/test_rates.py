"""Rates of issues: which issues count, from when on, and which are excluded."""

from datetime import datetime, timedelta

import pytest

from microgov.contracts import issues
from microgov.services.chassis.model import Refused
from microgov.services.issues.questions.rates import show_rates
from microgov.testing.service_driver import START, ServiceDriver
from tests.issues import issue_steps
from tests.issues.rate_steps import WHOLE_TIME, answer_survey, ask_rates, figures


def test_without_issues_all_rates_are_zero() -> None:
    driver = issue_steps.start()

    assert {figures(one) == (0, 0, {}, 0) for one in ask_rates(driver).values()} == {True}


def test_a_closing_and_its_reopening_count_at_the_time_of_the_closing() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)
    closed = driver.now
    driver.wait(days=1)
    answer_survey(driver, "p-2", solved=False)
    driver.say(issues.ReopenIssue(reason="x"), "veg-1", by="p-branch")
    driver.wait(days=1)

    rates, later = (
        ask_rates(driver, to=closed + timedelta(microseconds=1)),
        ask_rates(driver, from_=closed + timedelta(microseconds=1)),
    )

    assert figures(rates["deliberated"]) == (1, 1, {}, 0)
    assert figures(rates["reopened"]) == (1, 1, {}, 0)
    assert figures(later["deliberated"]) == (0, 0, {}, 0)
    assert figures(later["reopened"]) == (0, 0, {}, 0)
    assert figures(ask_rates(driver, to=closed)["deliberated"]) == (0, 0, {}, 0)


def submit_by(driver: ServiceDriver, id: str, by: str = "p-4") -> None:
    """The person submits an issue."""
    issue_steps.submit(driver, id, by=by)


def test_declined_and_withdrawn_issues_are_excluded_unless_the_decline_is_appealed() -> None:
    driver = issue_steps.start()
    for id in ("v-1", "v-2", "v-3"):
        submit_by(driver, id)
    for id in ("v-1", "v-2"):
        driver.say(issues.DeclineIssue(ground="no_content", reason="x"), id, by="p-branch")
    driver.say(issues.AppealDecline(reason="x", channel="app"), "v-2", by="p-4")
    driver.say(issues.WithdrawIssue(channel="app"), "v-3", by="p-4")

    rates = ask_rates(driver)

    assert (
        figures(rates["deliberated"])
        == figures(rates["reopened"])
        == (0, 0, {"declined": 1, "withdrawn": 1}, 0)
    )


def test_an_issue_that_is_passed_on_does_not_count_as_withdrawn() -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)
    issue_steps.cosign(driver, "p-2")
    driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")

    assert figures(ask_rates(driver)["deliberated"]) == (0, 0, {}, 0)


def route(driver: ServiceDriver, id: str) -> datetime:
    """The issue is routed by hand; returns the time."""
    driver.say(issues.RouteIssue(owner="crew", rule="by_hand"), id, by="p-branch")
    return driver.now


def test_a_return_counts_at_the_time_of_the_routing_and_a_withdrawn_issue_is_excluded() -> None:
    driver = issue_steps.start()
    for id in ("v-1", "v-2"):
        submit_by(driver, id)
        driver.say(issues.AcceptIssue(), id, by="p-branch")
        driver.say(issue_steps.TRIAGE, id, by="p-branch")
        first = route(driver, id)
        driver.wait(days=1)
        driver.say(issues.ReturnIssue(reason="x"), id, by="p-branch")
        second = route(driver, id)

    assert figures(ask_rates(driver)["returned"]) == (2, 4, {}, 0)
    driver.say(issues.WithdrawIssue(channel="app"), "v-1", by="p-4")

    assert figures(ask_rates(driver)["returned"]) == (1, 2, {"withdrawn": 2}, 0)
    assert figures(ask_rates(driver, from_=first, to=second)["returned"]) == (1, 1, {"withdrawn": 1}, 0)


@pytest.mark.parametrize(
    ("how", "claimed"),
    [
        ({"by": "p-5"}, 1),
        ({"by": "p-5", "role": "landlord"}, 1),
        ({"by": "p-5", "role": "social_worker"}, 0),
        ({"by": "p-5", "role": "property_company"}, 0),
        ({"by": "p-social", "role": "social_worker", "on_behalf_of": "p-5"}, 1),
    ],
)
def test_an_item_is_self_claimed_by_a_resident_or_on_a_persons_behalf(
    how: dict[str, str], claimed: int
) -> None:
    driver = issue_steps.start()
    item = issue_steps.adopt_resolution(driver)
    unclaimed = figures(ask_rates(driver)["self_claimed"])

    driver.say(issues.ClaimActionItem(channel="app"), item, **how)  # type: ignore[arg-type]  # roles and people

    assert (unclaimed, figures(ask_rates(driver)["self_claimed"])) == ((0, 1, {}, 0), (claimed, 1, {}, 0))


def test_items_of_a_withdrawn_issue_do_not_count() -> None:
    driver = issue_steps.start()
    issue_steps.adopt_resolution(driver)
    for person in ("p-2", "p-3"):
        driver.say(issues.WithdrawCosign(channel="app"), "veg-1", by=person)
    driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")

    assert figures(ask_rates(driver)["self_claimed"]) == (0, 0, {"withdrawn": 1}, 0)


def test_a_withdrawal_excludes_only_what_happened_since_the_reopening() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)
    answer_survey(driver, "p-2", solved=False)
    driver.say(issues.ReopenIssue(reason="x"), "veg-1", by="p-branch")
    route(driver, "veg-1")
    for person in ("p-2", "p-3"):
        driver.say(issues.WithdrawCosign(channel="app"), "veg-1", by=person)
    driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")

    rates = ask_rates(driver)

    assert figures(rates["self_claimed"]) == (1, 1, {}, 0)
    assert figures(rates["returned"]) == (0, 0, {"withdrawn": 1}, 0)
    assert figures(rates["deliberated"]) == figures(rates["reopened"]) == (1, 1, {"withdrawn": 1}, 0)


def test_an_issue_counts_for_every_place_on_its_path_and_for_no_other() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)

    counted = {
        place: ask_rates(driver, community=place)["deliberated"].denominator
        for place in ("yuanbu-south", "yuanbu", "donghu", "elsewhere")
    }

    assert counted == {"yuanbu-south": 1, "yuanbu": 1, "donghu": 1, "elsewhere": 0}


@pytest.mark.parametrize("span", [timedelta(), timedelta(days=-1)])
def test_a_window_that_ends_when_or_before_it_begins_is_refused_with_its_field(span: timedelta) -> None:
    driver = issue_steps.start()

    with pytest.raises(Refused) as caught:
        show_rates(issues.ShowRates(from_=START, to=START + span), driver.s)

    assert (caught.value.code, caught.value.field) == ("bad_window", "from_")
    assert "from" in caught.value.words.en
    assert "from" in caught.value.words.zh


def test_an_unknown_community_is_refused_with_its_field() -> None:
    driver = issue_steps.start()

    with pytest.raises(Refused) as caught:
        show_rates(issues.ShowRates.model_validate({**WHOLE_TIME, "community": "nowhere"}), driver.s)

    assert (caught.value.code, caught.value.field) == ("unknown_place", "community")
