"""The operator's themes and routing rules: which themes exist, and which owner gets an issue by which rule."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps

THEMES = {"themes": [{"theme": "greening", "name": "绿化"}, {"theme": "noise", "name": "噪声"}]}
GARDENS = {"name": "small gardens", "owner": "property-south", "theme": ["greening"], "scale": ["small"]}
NOISE = {"name": "noise", "owner": "office-noise", "theme": ["noise"]}
REST_OF_YUANBU = {"name": "whatever is left", "owner": "community-yuanbu", "place": "yuanbu"}


def start_triaged(*rules: dict[str, Any], **values: Any) -> ServiceDriver:
    """A service with these routing rules and a triaged issue; `values` change the triage."""
    driver = issue_steps.start(themes=THEMES, routing={"rules": list(rules)})
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")
    driver.say(issue_steps.TRIAGE.model_copy(update=values), "veg-1", by="p-branch")
    return driver


def route(driver: ServiceDriver, owner: str, rule: str) -> list[Any]:
    """The branch routes the issue to this owner, by this rule; returns the events."""
    return driver.say(issues.RouteIssue(owner=owner, rule=rule), "veg-1", by="p-branch")


def test_a_theme_must_be_in_the_list_of_the_operator() -> None:
    driver = issue_steps.start(themes=THEMES)
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")

    refused = refusal(
        driver, issue_steps.TRIAGE.model_copy(update={"theme": "gardens"}), "veg-1", by="p-branch"
    )

    assert (refused.code, refused.field) == ("unknown_theme", "data.theme")
    assert "greening 绿化, noise 噪声" in refused.words.en
    assert names(driver.say(issue_steps.TRIAGE, "veg-1", by="p-branch")) == ["IssueTriaged"]


def test_without_a_list_of_themes_every_theme_is_allowed() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")

    said = driver.say(issue_steps.TRIAGE.model_copy(update={"theme": "gardens"}), "veg-1", by="p-branch")

    assert names(said) == ["IssueTriaged"]


@pytest.mark.parametrize(
    ("owner", "rule", "code"),
    [
        ("property-south", "small garden", "unknown_routing_rule"),
        ("office-noise", "noise", "routing_rule_does_not_fit"),
        ("property-north", "small gardens", "routing_rule_names_another"),
    ],
)
def test_a_routing_rule_must_exist_fit_the_issue_and_name_the_owner(owner: str, rule: str, code: str) -> None:
    driver = start_triaged(GARDENS, NOISE)

    assert refusal(driver, issues.RouteIssue(owner=owner, rule=rule), "veg-1", by="p-branch").code == code


@pytest.mark.rule("2.1.7", "every routing names the rule that made it")
def test_an_issue_is_routed_by_a_rule_or_by_hand() -> None:
    assert names(route(start_triaged(GARDENS, NOISE), "property-south", "small gardens")) == ["IssueRouted"]
    assert names(route(start_triaged(GARDENS, NOISE), "anybody", "by_hand")) == ["IssueRouted"]


def test_a_routing_rule_for_a_place_fits_issues_of_places_within_it() -> None:
    assert names(route(start_triaged(REST_OF_YUANBU), "community-yuanbu", "whatever is left")) == [
        "IssueRouted"
    ]
    elsewhere = {**REST_OF_YUANBU, "place": "elsewhere"}
    command = issues.RouteIssue(owner="community-yuanbu", rule="whatever is left")
    assert (
        refusal(start_triaged(elsewhere), command, "veg-1", by="p-branch").code == "routing_rule_does_not_fit"
    )


def test_the_first_automatic_rule_that_fits_routes_a_triaged_issue() -> None:
    driver = start_triaged(
        {**NOISE, "automatic": True}, {**GARDENS, "automatic": True}, {**REST_OF_YUANBU, "automatic": True}
    )

    routed = [m.data for m in driver.log if isinstance(m.data, issues.IssueRouted)]
    assert routed == [issues.IssueRouted(owner="property-south", rule="small gardens")]
    assert issue_steps.show(driver).state == "routed"
    assert issue_steps.show(driver).owner == "property-south"


def test_an_emergency_is_not_routed_automatically() -> None:
    driver = start_triaged({**GARDENS, "automatic": True}, urgency="emergency")

    assert issue_steps.show(driver).state == "triaged"


def test_a_returned_issue_is_not_routed_automatically_again() -> None:
    driver = start_triaged({**GARDENS, "automatic": True})

    said = driver.say(issues.ReturnIssue(reason="不归我管"), "veg-1", by="p-branch", role="branch")

    assert names(said) == ["IssueReturned"]
    assert issue_steps.show(driver).state == "triaged"
