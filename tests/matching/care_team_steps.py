"""A care team `team-1`, step by step: formed, its three roles filled, joined by households.

A function with an imperative name sends a command or folds an event of the directory; `show` asks a question.
"""

from datetime import datetime
from typing import Any

from microgov.contracts import matching
from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.fields import Role
from microgov.services.matching.handlers import service
from microgov.services.matching.questions.care_teams import show_care_team
from microgov.testing.service_driver import ServiceDriver, driver_of

HOLDERS: dict[matching.CareRole, str] = {"party_member": "p-1", "dasao": "p-3", "landlord": "p-5"}


def grant(
    driver: ServiceDriver, person: str, role: str, until: datetime | None = None, place: str = "yuanbu"
) -> None:
    """The service folds the event of the directory by which the person gets the role at the place, until `until` (UTC)."""
    driver.hear(RoleGranted(person=person, role=Role(role), place=place, until=until), person)


def revoke(driver: ServiceDriver, person: str, role: str, place: str = "yuanbu") -> list[Any]:
    """The service folds the event of the directory by which the person loses the role; returns the events that follow."""
    return driver.hear(RoleRevoked(person=person, role=Role(role), place=place), person)


def start(**rules: dict[str, Any]) -> ServiceDriver:
    """A service with a team that nobody is in yet, and people who hold the three roles (`HOLDERS`)."""
    driver = driver_of(service, **rules)
    for role, person in HOLDERS.items():
        grant(driver, person, role)
    form_team(driver)
    return driver


def form_team(driver: ServiceDriver, team: str = "team-1") -> None:
    """The branch forms a team."""
    driver.say(matching.FormCareTeam(place="yuanbu", name="联户组"), team, by="p-branch")


def fill_role(
    driver: ServiceDriver, role: matching.CareRole, person: str | None = None, team: str = "team-1"
) -> list[Any]:
    """The branch gives the role in the team to the person, by default to its holder; returns the events."""
    return driver.say(matching.FillCareRole(role=role, person=person or HOLDERS[role]), team, by="p-branch")


def join_team(driver: ServiceDriver, person: str, team: str = "team-1") -> list[Any]:
    """The household of the person joins the team; returns the events."""
    return driver.say(matching.JoinCareTeam(person=person), team, by="p-branch")


def start_active(**rules: dict[str, Any]) -> ServiceDriver:
    """A service with a team that has all three roles and the household of p-7 and p-8."""
    driver = start(**rules)
    for role in HOLDERS:
        fill_role(driver, role)
    join_team(driver, "p-7")
    return driver


def show(driver: ServiceDriver, team: str = "team-1") -> matching.CareTeamShown:
    """The answer to ShowCareTeam."""
    return show_care_team(matching.ShowCareTeam(team=team), driver.s)


def observation_command(place: str = "yuanbu-south") -> matching.RecordObservation:
    """The command by which a member records something seen in the neighbourhood."""
    return matching.RecordObservation(title="楼道充电", text="拉线充电", place=place, channel="visit")
