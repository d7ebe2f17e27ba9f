"""Care teams 128联户: one holder of each role, each household in one team, observations become issues (I5)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import matching
from microgov.contracts.directory import PersonRegistered
from microgov.contracts.message import Command
from microgov.services.issues.handlers import service as issues
from microgov.services.matching.care_teams.care_team import CareSeat, CareTeam
from microgov.services.matching.care_teams.life import LIFE
from microgov.services.matching.questions.care_teams import list_care_teams
from microgov.testing.service_driver import START, ServiceDriver, driver_of, names, refusal
from tests.issues import issue_steps
from tests.matching import care_team_steps
from tests.matching.care_team_steps import (
    HOLDERS,
    fill_role,
    form_team,
    grant,
    join_team,
    observation_command,
    revoke,
)
from tests.matching.invariants import violated
from tests.support.state_machines import refuses


def state(driver: ServiceDriver, team: str = "team-1") -> str:
    """The state of the team."""
    return care_team_steps.show(driver, team).state


def test_a_team_refuses_what_its_state_does_not_allow() -> None:
    driver = care_team_steps.start_active()
    team = driver.row(CareTeam, "team-1")
    grant(driver, "p-4", "landlord")

    def say(command: Command, by: str = "p-branch") -> Any:
        return lambda: driver.say(command, "team-1", by=by)

    def fill_anew() -> None:
        for seat in driver.rows(CareSeat):
            if seat.role == "landlord":
                driver.s.delete(seat)
        driver.s.flush()
        driver.say(matching.FillCareRole(role="landlord", person="p-4"), "team-1", by="p-branch")

    commands: dict[type[Command], Any] = {
        matching.FillCareRole: fill_anew,
        matching.VacateCareRole: say(matching.VacateCareRole(role="dasao", reason="x")),
        matching.JoinCareTeam: say(matching.JoinCareTeam(person="p-1")),
        matching.LeaveCareTeam: say(matching.LeaveCareTeam(person="p-7", reason="x")),
        matching.RecordObservation: say(observation_command(), "p-7"),
        matching.DissolveCareTeam: say(matching.DissolveCareTeam(reason="x")),
    }
    assert refuses(driver, LIFE, team, commands) == 7


@pytest.mark.rule("3.2", "a care team is active with all three roles and a household")
def test_a_team_is_active_with_all_three_roles_and_a_household_and_not_before() -> None:
    driver = care_team_steps.start()

    said = [names(fill_role(driver, role)) for role in HOLDERS]
    assert said == [["CareRoleFilled"]] * 3
    assert state(driver) == "forming"
    assert names(join_team(driver, "p-7")) == ["HouseholdJoined", "CareTeamActivated"]
    assert state(driver) == "active"
    shown = care_team_steps.show(driver)
    assert (shown.party_member, shown.dasao, shown.landlord) == ("p-1", "p-3", "p-5")
    assert [(one.household, one.person) for one in shown.households] == [("h-4", "p-7")]


def test_a_vacant_role_alerts_the_remaining_holders_until_it_is_filled() -> None:
    driver = care_team_steps.start_active()

    vacated, alert = driver.say(
        matching.VacateCareRole(role="landlord", reason="搬走"), "team-1", by="p-branch"
    )
    assert isinstance(vacated.event, matching.CareRoleVacated)
    assert vacated.event.person == "p-5"
    assert isinstance(alert.event, matching.CareTeamIncomplete)
    assert alert.event.people == ["p-1", "p-3", "p-branch"]
    _, second = driver.say(matching.VacateCareRole(role="dasao", reason="x"), "team-1", by="p-branch")
    assert isinstance(second.event, matching.CareTeamIncomplete)
    assert (second.event.role, second.event.people) == ("dasao", ["p-1", "p-branch"])
    fill_role(driver, "dasao")
    grant(driver, "p-6", "landlord")
    assert names(fill_role(driver, "landlord", "p-6")) == ["CareRoleFilled", "CareTeamActivated"]


@pytest.mark.rule("3.2", "a vacant role raises an alert; a revoked or expired role is vacant")
def test_a_role_that_is_revoked_at_every_place_around_the_team_is_vacant() -> None:
    driver = care_team_steps.start_active()

    grant(driver, "p-5", "landlord", place="donghu")
    assert revoke(driver, "p-5", "landlord") == [], "they still hold it for the whole sub-district"
    assert names(revoke(driver, "p-5", "landlord", "donghu")) == ["CareRoleVacated", "CareTeamIncomplete"]
    assert revoke(driver, "p-5", "landlord") == []
    assert state(driver) == "incomplete"


@pytest.mark.rule("3.2", "a vacant role raises an alert; a revoked or expired role is vacant")
def test_a_role_is_vacant_once_its_prolonged_grant_expires() -> None:
    driver = care_team_steps.start()
    grant(driver, "p-3", "dasao", START + timedelta(days=5))
    for role in HOLDERS:
        fill_role(driver, role)
    join_team(driver, "p-7")

    grant(driver, "p-3", "dasao", START + timedelta(days=9))
    driver.wait(hours=24 * 6)
    assert state(driver) == "active", "it was prolonged"
    driver.wait(hours=24 * 4)
    assert state(driver) == "incomplete"
    shown = care_team_steps.show(driver)
    assert (shown.party_member, shown.dasao, shown.landlord) == ("p-1", None, "p-5")


def test_a_person_with_two_roles_in_a_team_has_one_deadline_for_the_role_that_ends() -> None:
    driver = care_team_steps.start()
    fill_role(driver, "landlord")
    grant(driver, "p-5", "dasao")
    fill_role(driver, "dasao", "p-5")

    grant(driver, "p-5", "dasao", until=driver.now + timedelta(days=1))

    assert driver.wait(hours=23) == []
    assert [one.event for one in driver.wait(days=9)] == [
        matching.CareRoleVacated(role="dasao", person="p-5")
    ]
    assert care_team_steps.show(driver).landlord == "p-5"


def test_a_role_granted_for_a_time_is_filled_in_the_team_for_that_time() -> None:
    driver = care_team_steps.start_active()
    driver.say(matching.VacateCareRole(role="landlord", reason="x"), "team-1", by="p-branch")
    grant(driver, "p-6", "landlord", START + timedelta(days=5))
    fill_role(driver, "landlord", "p-6")

    driver.wait(hours=24 * 6)

    assert state(driver) == "incomplete"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (matching.FillCareRole(role="dasao", person="p-3"), "role_taken"),
        (matching.JoinCareTeam(person="p-8"), "in_a_team"),
        (matching.JoinCareTeam(person="p-nobody"), "not_registered"),
        (matching.JoinCareTeam(person="p-1"), "team_full"),
        (matching.LeaveCareTeam(person="p-1", reason="x"), "not_in_this_team"),
    ],
)
def test_an_invalid_command_to_a_team_is_refused_with_its_code(command: Command, expected: str) -> None:
    driver = care_team_steps.start_active(teams={"households": 1})

    assert refusal(driver, command, "team-1", by="p-branch").code == expected


def test_a_role_is_filled_by_a_holder_at_the_place_and_vacated_once() -> None:
    driver = care_team_steps.start()
    grant(driver, "p-7", "landlord", place="elsewhere")

    for person in ("p-7", "p-2"):
        filling = matching.FillCareRole(role="landlord", person=person)
        assert refusal(driver, filling, "team-1", by="p-branch").code == "not_of_the_role"
    assert (
        refusal(driver, matching.VacateCareRole(role="dasao", reason="x"), "team-1", by="p-branch").code
        == "role_vacant"
    )
    forming = matching.FormCareTeam(place="elsewhere", name="x")
    assert refusal(driver, forming, "team-2", by="p-branch", scope="yuanbu").code == "outside_scope"


def test_the_household_of_somebody_who_moved_away_can_still_leave() -> None:
    driver = care_team_steps.start_active()
    (cared,) = care_team_steps.show(driver).households
    driver.hear(
        PersonRegistered(person=cared.person, household="h-9", place="elsewhere", language="en"), cared.person
    )

    said = driver.say(matching.LeaveCareTeam(person=cared.person, reason="搬走了"), "team-1", by="p-branch")

    left = matching.HouseholdLeft(household=cared.household, person=cared.person, reason="搬走了")
    assert said[0].event == left
    assert care_team_steps.show(driver).households == []
    assert violated(driver.s) == []


def test_people_of_a_dissolved_team_may_be_in_another_team() -> None:
    driver = care_team_steps.start_active()

    driver.say(matching.DissolveCareTeam(reason="x"), "team-1", by="p-branch")
    form_team(driver, "team-2")

    assert names(join_team(driver, "p-7", "team-2")) == ["HouseholdJoined"]
    assert names(fill_role(driver, "dasao", team="team-2")) == ["CareRoleFilled"]
    assert revoke(driver, "p-5", "landlord") == []


@pytest.mark.rule("3.2", "an observation of a care team becomes an issue, once")
def test_an_observation_by_somebody_of_the_team_becomes_an_issue_once() -> None:
    driver, hall = care_team_steps.start_active(), driver_of(issues)

    (said,) = driver.say(observation_command(), "team-1", by="p-8", role="resident")
    assert isinstance(said.event, matching.SafetyObserved)
    assert said.event.person == "p-8"
    hall.hear(said.event, "team-1")
    again = hall.hear(said.event, "team-1")

    issue = issue_steps.show(hall, said.event.issue)
    assert (issue.title, issue.reporter, issue.place) == ("楼道充电", "p-8", "yuanbu-south")
    assert again == []
    assert care_team_steps.show(driver).observations == [said.event.issue]
    assert (
        refusal(driver, observation_command(), "team-1", by="p-2", role="resident").code == "not_of_the_team"
    )
    assert (
        refusal(driver, observation_command("nowhere"), "team-1", by="p-8", role="resident").code
        == "unknown_place"
    )


def test_teams_are_listed_by_state_and_place_page_by_page() -> None:
    driver = care_team_steps.start_active()
    form_team(driver, "team-2")

    def listed(**asked: Any) -> list[str]:
        return [
            team.team
            for team in list_care_teams(matching.ListCareTeams.model_validate(asked), driver.s).teams
        ]

    assert listed() == ["team-1", "team-2"]
    assert listed(state="forming") == ["team-2"]
    assert listed(community="elsewhere") == []
    assert listed(community="donghu", after_id="team-1") == ["team-2"]
    assert list_care_teams(matching.ListCareTeams(most=1), driver.s).next == "team-1"


def test_the_check_of_i5_finds_a_wrong_count_of_households() -> None:
    driver = care_team_steps.start_active()
    assert violated(driver.s) == []
    driver.row(CareTeam, "team-1").households = 2
    assert violated(driver.s) == ["I5"]
