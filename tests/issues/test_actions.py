"""Action items without a resolution: assigned, with evidence, or replacing a hazard (domain.md §2.1.9, 2.3)."""

from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.matching import OrganisationFiled
from microgov.contracts.message import Command
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.questions import rates_from_log
from microgov.services.issues.questions.list import show_achieved
from microgov.services.issues.questions.rates import show_rates
from microgov.testing.service_driver import START, ServiceDriver, names, refusal
from tests.issues import emergency_steps, issue_steps

DEFINE = issues.DefineActionItem(action="act-1", item=issue_steps.ITEM)
DONE = issues.ReportActionDone(done=6, at_least=False, evidence="照片", channel="app")
VERIFY = issues.VerifyActionItem(note="看过", channel="visit")
ASSIGN_TO_P5 = issues.AssignActionItem(person="p-5")


def start_emergency() -> ServiceDriver:
    """A service with an emergency that is acted upon, and an organisation `org-1`, represented by p-6 and p-7."""
    driver = emergency_steps.start_accepted()
    emergency_steps.dispatch(driver)
    driver.hear(
        OrganisationFiled(
            name="社", status="filed", domains=[], places=["yuanbu"], representatives=["p-6", "p-7"]
        ),
        "org-1",
    )
    return driver


def act(driver: ServiceDriver, command: Command, by: str = "p-branch") -> list[Any]:
    """Sends a command about the item `act-1`; returns the events."""
    return [one.event for one in driver.say(command, "act-1", by=by)]


def define_item(driver: ServiceDriver, item: issues.ActionItem = issue_steps.ITEM) -> list[Any]:
    """The branch defines an action item without a resolution; returns the events."""
    return driver.say(issues.DefineActionItem(action="act-1", item=item), "veg-1", by="p-branch")


@pytest.mark.rule("2.3", "an emergency's items need no resolution")
def test_an_emergency_has_its_item_without_a_resolution_and_waits_for_it() -> None:
    driver = start_emergency()

    (said,) = define_item(driver)

    assert (said.subject, said.event.issue, said.event.topic, said.event.target) == (
        "act-1",
        "veg-1",
        None,
        6,
    )
    assert driver.row(Issue, "veg-1").open_items == 1
    assert refusal(driver, DEFINE, "veg-1", by="p-branch").field == "data.action"


@pytest.mark.parametrize("person", ["p-5", None])
def test_an_assigned_item_is_done_by_its_assignee_and_verified_by_nobody_of_the_assignee(
    person: str | None,
) -> None:
    driver = start_emergency()
    define_item(driver)
    doer, to = (person, None) if person else ("p-6", "org-1")

    (said,) = act(driver, issues.AssignActionItem(person=person, organisation=to))

    assert (said.person, said.organisation, said.text) == (person, to, issue_steps.ITEM.text)
    assert refusal(driver, issues.ClaimActionItem(channel="app"), "act-1", by="p-4").code == "wrong_state"
    assert refusal(driver, DONE, "act-1", by="p-4").code == "not_yours"
    driver.say(DONE, "act-1", by=doer)
    for own in [doer] if person else ["p-6", "p-7"]:
        assert refusal(driver, VERIFY, "act-1", by=own, role="social_worker").code == "same_person"
    assert names(driver.say(VERIFY, "act-1", by="p-social", role="social_worker")) == ["ActionItemVerified"]
    assert driver.row(Issue, "veg-1").open_items == 0


@pytest.mark.parametrize(
    ("to", "code", "field"),
    [
        ({}, "one_assignee", "data.person"),
        ({"person": "p-5", "organisation": "org-1"}, "one_assignee", "data.person"),
        ({"person": "p-nobody"}, "not_registered", "data.person"),
        ({"organisation": "org-9"}, "unknown_organisation", "data.organisation"),
    ],
)
def test_an_item_is_assigned_to_exactly_one_known_person_or_organisation(
    to: dict[str, str], code: str, field: str
) -> None:
    driver = start_emergency()
    define_item(driver)

    refused = refusal(driver, issues.AssignActionItem(**to), "act-1", by="p-branch")

    assert (refused.code, refused.field) == (code, field)


@pytest.mark.rule("2.1.9", "an item is claimed or assigned; assigning it ends the claim")
def test_assigning_a_claimed_item_ends_its_claim() -> None:
    driver = start_emergency()
    define_item(driver)
    driver.say(issues.ClaimActionItem(channel="app"), "act-1", by="p-4")
    question = issues.ShowRates(from_=START, to=driver.now.replace(year=2027))
    claimed = show_rates(question, driver.s).rates

    released, _ = act(driver, ASSIGN_TO_P5)

    shown = issue_steps.show(driver).actions[0]
    rates = show_rates(question, driver.s).rates
    assert (released.person, shown.state, shown.claimed_by, shown.assignee) == (
        "p-4",
        "assigned",
        None,
        "p-5",
    )
    before, after = (next(r for r in found if r.rate == "self_claimed") for found in (claimed, rates))
    assert (before.numerator, after.numerator, after.denominator) == (1, 0, 1)
    assert rates_from_log.rates(driver.everything, question) == rates
    assert refusal(driver, DONE, "act-1", by="p-4").code == "not_yours"
    assert act(driver, issues.AssignActionItem(organisation="org-1"))[0].person == "p-5"
    assert names(driver.say(issues.AssignActionItem(organisation="org-1"), "act-1", by="p-branch")) == [
        "ActionItemAssigned"
    ]


@pytest.mark.rule("2.3", "an item is reported done with a reference to its evidence")
def test_evidence_is_reported_by_reference() -> None:
    driver = start_emergency()
    define_item(driver)
    driver.say(ASSIGN_TO_P5, "act-1", by="p-branch")
    files = [issues.Evidence(sha256="9f" * 32, media_type="image/jpeg", size=183_201)]

    (said,) = act(driver, DONE.model_copy(update={"files": files}), by="p-5")

    assert said.files == files


@pytest.mark.rule("2.3", "the hazard that an item replaces counts once it is verified")
def test_the_hazard_that_an_item_replaces_is_in_its_event_and_counted_once_verified() -> None:
    driver = start_emergency()
    wires = issues.Hazard(hazard="flying_wires", issue="veg-1")
    (said,) = define_item(driver, issue_steps.ITEM.model_copy(update={"replaces": wires}))
    driver.say(ASSIGN_TO_P5, "act-1", by="p-branch")
    driver.say(DONE, "act-1", by="p-5")
    assert said.event.replaces == wires
    assert show_achieved(issues.ShowAchieved(), driver.s).replaced == []

    driver.say(VERIFY, "act-1", by="p-social", role="social_worker")

    achieved = show_achieved(issues.ShowAchieved(), driver.s)
    assert achieved.replaced == [
        issues.Replaced(hazard="flying_wires", unit="metre", done=6, at_least=False, items=1)
    ]
    assert achieved.quantities == [issues.Quantity(unit="metre", done=6, at_least=False, items=1, issues=1)]
    assert issue_steps.show(driver).actions[0].replaces == wires


def test_a_hazard_of_an_unknown_issue_is_refused() -> None:
    unknown = issue_steps.ITEM.model_copy(
        update={"replaces": issues.Hazard(hazard="flying_wires", issue="nowhere")}
    )
    driver = start_emergency()
    refused = refusal(driver, issues.DefineActionItem(action="act-1", item=unknown), "veg-1", by="p-branch")
    assert (refused.code, refused.field) == ("not_found", "data.item.replaces.issue")

    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)
    refused = refusal(
        driver, issues.AdoptResolution(option="opt-fence", items=[unknown]), "topic-1", by="p-branch"
    )
    assert (refused.code, refused.field) == ("not_found", "data.items")
    assert issue_steps.show(driver).actions == []
