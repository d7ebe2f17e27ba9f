"""Care teams proposed by the planner, from households in no team and people who hold the roles (domain.md §3.4)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import matching
from microgov.contracts.directory import PlaceDefined
from microgov.services.chassis.model import Refused
from microgov.services.issues.handlers import service as issues
from microgov.services.matching.handlers import service
from microgov.services.matching.questions.grouping import group_households
from microgov.testing.service_driver import START, ServiceDriver, driver_of, names
from tests.issues import issue_steps
from tests.matching import care_team_steps
from tests.matching.care_team_steps import fill_role, grant, join_team, observation_command, revoke
from tests.matching.invariants import violated


def propose_teams(driver: ServiceDriver, **asked: Any) -> matching.HouseholdsGrouped:
    """The planner's answer about care teams for a community."""
    driver.s.flush()
    question = {"community": "yuanbu", "at": driver.now.isoformat(), **asked}
    return group_households(matching.GroupHouseholds.model_validate(question, strict=False), driver.s)


def start_with_roles() -> ServiceDriver:
    """A service in which p-1, p-3 and p-5 hold the three roles; p-7 and p-8 live in a household of their own."""
    driver = driver_of(service)
    for role, person in care_team_steps.HOLDERS.items():
        grant(driver, person, role)
    return driver


@pytest.mark.rule("3.4", "a proposed care team can be formed as it is")
def test_a_team_is_proposed_with_its_costs_and_the_branch_forms_it_like_any_other() -> None:
    driver = start_with_roles()

    (one,) = propose_teams(driver).teams

    assert (one.party_member, one.dasao, one.landlord) == ("p-1", "p-3", "p-5")
    assert [(home.household, home.person) for home in one.households] == [("h-4", "p-7")]
    assert [(part.name, part.metres) for part in one.why] == [
        ("party_member", 1000),
        ("dasao", 1000),
        ("landlord", 700),
    ]
    care_team_steps.form_team(driver)
    for role in care_team_steps.HOLDERS:
        fill_role(driver, role, getattr(one, role))
    assert names(join_team(driver, one.households[0].person)) == ["HouseholdJoined", "CareTeamActivated"]
    after = propose_teams(driver)
    assert after.teams == [], "everybody is in a team"
    assert after.households == 0, "everybody is in a team"


def test_asking_for_teams_changes_nothing_and_names_the_households_left_out() -> None:
    driver = start_with_roles()
    revoke(driver, "p-5", "landlord")
    before = len(driver.log)

    found = propose_teams(driver)

    assert found.teams == [], "without a landlord there is no team"
    assert found.left_out == ["h-3", "h-4"], "without a landlord there is no team"
    assert len(driver.log) == before
    assert driver.s.pending() == []


def test_a_person_whose_role_has_ended_or_is_elsewhere_or_is_in_a_team_is_not_proposed() -> None:
    driver = start_with_roles()
    grant(driver, "p-5", "landlord", START + timedelta(days=5))
    assert propose_teams(driver, at=(START + timedelta(days=5)).isoformat()).teams == []
    revoke(driver, "p-5", "landlord")
    grant(driver, "p-5", "landlord", place="elsewhere")
    assert propose_teams(driver).teams == []
    grant(driver, "p-5", "landlord", place="donghu")
    assert len(propose_teams(driver).teams) == 1

    care_team_steps.form_team(driver)
    fill_role(driver, "landlord")

    assert propose_teams(driver).teams == []


def test_the_rules_bound_the_households_of_a_team_and_the_question_bounds_the_teams() -> None:
    driver = driver_of(service, teams={"households": 1})
    for role in care_team_steps.HOLDERS:
        grant(driver, "p-1", role)
        grant(driver, "p-2", role)

    found = propose_teams(driver)

    assert [[home.household for home in team.households] for team in found.teams] == [["h-2"], ["h-3"]]
    assert found.left_out == ["h-4"]
    assert found.households == 3
    first = propose_teams(driver, most=1)
    assert len(first.teams) == 1
    assert first.households == 3
    assert first.left_out == []


def test_distances_come_from_the_positions_of_places() -> None:
    driver = driver_of(service)
    for place, latitude in (("yuanbu-south", 30_400_000), ("elsewhere", 30_500_000)):
        pin = {"latitude": latitude, "longitude": 120_280_000, "crs": "wgs84"}
        path = {"yuanbu-south": ["yuanbu-south", "yuanbu", "donghu"], "elsewhere": ["elsewhere", "donghu"]}[
            place
        ]
        driver.hear(
            PlaceDefined.model_validate({"kind": "compound", "name": place, "path": path, "pin": pin}), place
        )
    for role, person in care_team_steps.HOLDERS.items():
        grant(driver, person, role)

    (one,) = propose_teams(driver).teams

    assert [(part.name, part.metres) for part in one.why] == [
        ("party_member", 0),
        ("dasao", 0),
        ("landlord", -300),
    ]


def test_an_unknown_community_is_refused_with_its_field() -> None:
    try:
        propose_teams(start_with_roles(), community="nowhere")
    except Refused as refused:
        assert (refused.code, refused.field) == ("unknown_place", "community")
    else:
        raise AssertionError("it was answered")


def test_a_person_with_two_roles_in_a_team_keeps_the_role_that_was_not_revoked() -> None:
    driver = care_team_steps.start_active()
    grant(driver, "p-3", "landlord")
    driver.say(matching.VacateCareRole(role="landlord", reason="x"), "team-1", by="p-branch")
    fill_role(driver, "landlord", "p-3")

    assert names(revoke(driver, "p-3", "landlord")) == ["CareRoleVacated", "CareTeamIncomplete"]
    shown = care_team_steps.show(driver)
    assert (shown.party_member, shown.dasao, shown.landlord) == ("p-1", "p-3", None)
    assert violated(driver.s) == []


@pytest.mark.rule("2.5", "an issue from an observation waits for staff to accept it")
@pytest.mark.parametrize("channel", ["app", "visit", "counter"])
def test_an_issue_from_an_observation_is_not_accepted_at_once_whatever_its_channel(channel: str) -> None:
    driver, hall = care_team_steps.start_active(), driver_of(issues)

    seen = observation_command().model_copy(update={"channel": channel})
    (said,) = driver.say(seen, "team-1", by="p-8", role="resident")
    assert isinstance(said.event, matching.SafetyObserved)

    assert names(hall.hear(said.event, "team-1")) == ["IssueSubmitted"]
    assert issue_steps.show(hall, said.event.issue).state == "submitted"
