"""Organisations and other parties: filed or registered, at a stage, and what each may do at which stage."""

import pytest

from microgov.contracts import matching
from microgov.contracts.directory import Pin, PlaceDefined
from microgov.contracts.message import plain
from microgov.services.matching.model import Pin as PinRow
from microgov.services.matching.questions.show import show_organisation
from microgov.services.matching.registry.organisations import OrganisationStage
from microgov.testing.service_driver import PLACES, ServiceDriver, names, refusal
from tests.matching import order_steps


def filing(**values: object) -> matching.FileOrganisation:
    """The command that files an organisation, with these fields changed."""
    given = {
        "name": "乐龄社",
        "status": "filed",
        "domains": ["care"],
        "places": ["yuanbu"],
        "representatives": ["p-rep"],
    }
    return matching.FileOrganisation.model_validate({**given, **values})


def change_stage(driver: ServiceDriver, to: str, subject: str = "org-1") -> list[str]:
    """The branch changes the stage; returns the names of the events."""
    change = matching.ChangeOrganisationStage.model_validate({"stage": to, "reason": "理事会决议"})
    return names(driver.say(change, subject, by="p-branch"))


def show(driver: ServiceDriver, organisation: str) -> matching.OrganisationShown:
    """The answer to ShowOrganisation."""
    return show_organisation(matching.ShowOrganisation(organisation=organisation), driver.s)


def code(driver: ServiceDriver, command: object, subject: str, **how: str) -> str:
    """The error code with which the command is refused."""
    return refusal(driver, command, subject, **how).code  # type: ignore[arg-type]  # any command


def test_filing_without_kind_and_stage_emits_neither_and_the_organisation_is_active() -> None:
    driver = order_steps.start()

    said = driver.say(filing(), "org-2", by="p-branch", role="branch")

    assert plain(said[0].event) == plain(filing())
    assert driver.rows(OrganisationStage) == []
    assert show(driver, "org-2").stage == "active"


def test_an_enterprise_and_a_team_are_filed_with_their_kind() -> None:
    driver = order_steps.start()
    driver.say(filing(name="纺织厂", kind="enterprise"), "mill", by="p-branch", role="branch")
    driver.say(
        filing(kind="team", stage="applying", enterprises=["mill"]), "team-1", by="p-branch", role="branch"
    )

    team = show(driver, "team-1")
    assert (team.kind, team.stage, team.enterprises) == ("team", "applying", ["mill"])
    assert code(driver, filing(enterprises=["nobody"]), "org-3", by="p-branch", role="branch") == "not_found"


@pytest.mark.rule("1", "filed and registered are both kept; a filed organisation is registered later")
def test_a_filed_organisation_is_registered_later_and_once() -> None:
    driver = order_steps.start()

    said = driver.say(matching.RegisterOrganisation(), "org-1", by="p-branch")

    assert names(said) == ["OrganisationRegistered"]
    assert show(driver, "org-1").status == "registered"
    assert code(driver, matching.RegisterOrganisation(), "org-1", by="p-branch") == "already_registered"
    assert (
        code(driver, matching.RegisterOrganisation(), "org-1", by="p-branch", scope="elsewhere")
        == "outside_scope"
    )


@pytest.mark.rule("1", "an organisation is incubated step by step")
def test_an_organisation_is_incubated_step_by_step() -> None:
    driver = order_steps.start()
    driver.say(filing(stage="applying"), "org-2", by="p-branch", role="branch")

    for to in ("incubating", "active", "dormant", "active", "closed"):
        before = show(driver, "org-2").stage
        (said,) = driver.say(
            matching.ChangeOrganisationStage.model_validate({"stage": to, "reason": "x"}),
            "org-2",
            by="p-branch",
        )
        assert said.event == matching.OrganisationStageChanged.model_validate(
            {"before": before, "stage": to, "reason": "x"}
        )
    assert (
        code(
            driver,
            matching.ChangeOrganisationStage(stage="active", reason="x"),
            "org-1",
            by="p-branch",
            scope="elsewhere",
        )
        == "outside_scope"
    )


@pytest.mark.rule("1", "a dormant or closed organisation posts no offers and gets no assignments")
@pytest.mark.parametrize("to", ["dormant", "closed"])
def test_a_dormant_or_closed_organisation_gets_no_assignment_and_posts_no_offer(to: str) -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    driver.say(order_steps.offering(), "offer-2", by="p-rep")
    driver.say(matching.PauseOffer(), "offer-1", by="p-branch", role="branch")
    change_stage(driver, to)

    off = "organisation_not_working"
    assert code(driver, order_steps.offering(), "offer-3", by="p-rep") == off
    assert code(driver, matching.PublishOffer(), "offer-2", by="p-branch") == off
    assert code(driver, matching.ResumeOffer(), "offer-1", by="p-branch", role="branch") == off
    assert (
        code(
            driver,
            matching.AddSlots(slots=[order_steps.slot("new")]),
            "offer-1",
            by="p-branch",
            role="branch",
        )
        == off
    )
    assert code(driver, order_steps.assigning(offer=None, slot=None), "order-1", by="p-branch") == off
    if to == "dormant":
        change_stage(driver, "active")
        assert names(driver.say(matching.PublishOffer(), "offer-2", by="p-branch")) == ["OfferPublished"]


def test_a_dormant_organisation_may_accept_an_earlier_assignment() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    order_steps.assign_order(driver)
    change_stage(driver, "dormant")

    assert names(driver.say(matching.AcceptAssignment(), "order-1", by="p-rep")) == ["AssignmentAccepted"]


def test_a_place_keeps_its_position_until_it_gets_another() -> None:
    driver = order_steps.start()
    path = ["yuanbu", *PLACES["yuanbu"]]
    pin = Pin(latitude=30_418_000, longitude=120_299_000, crs="gcj02")

    for given in (pin, None):
        driver.hear(PlaceDefined(kind="compound", name="院埠", path=path, pin=given), "yuanbu")

    row = driver.row(PinRow, "yuanbu")
    assert (row.latitude, row.longitude, row.crs) == (30_418_000, 120_299_000, "gcj02")
    driver.hear(
        PlaceDefined(kind="compound", name="x", path=path, pin=Pin(latitude=1, longitude=2, crs="wgs84")),
        "yuanbu",
    )
    assert (row.latitude, row.longitude, row.crs) == (1, 2, "wgs84")
