"""A care team, step by step."""

from datetime import datetime
from typing import Any

from microgov.contracts import matching
from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.fields import Role
from microgov.services.matching.handlers import service
from tests.support.service_driver import Talk, neighbourhood

HOLDERS: dict[matching.CareRole, str] = {"party_member": "p-1", "dasao": "p-3", "landlord": "p-5"}


def grant(talk: Talk, person: str, role: str, until: datetime | None = None, place: str = "yuanbu") -> None:
    talk.hear(RoleGranted(person=person, role=Role(role), place=place, until=until), person)


def revoke(talk: Talk, person: str, role: str, place: str = "yuanbu") -> list[Any]:
    return talk.hear(RoleRevoked(person=person, role=Role(role), place=place), person)


def formed(**rules: dict[str, Any]) -> Talk:
    """A team of nobody, and who holds which role."""
    talk = neighbourhood(service, **rules)
    for role, person in HOLDERS.items():
        grant(talk, person, role)
    form(talk)
    return talk


def form(talk: Talk, team: str = "team-1") -> None:
    talk.say(matching.FormCareTeam(place="yuanbu", name="联户组"), team, by="p-branch")


def fill(talk: Talk, role: matching.CareRole, person: str | None = None, team: str = "team-1") -> list[Any]:
    return talk.say(matching.FillCareRole(role=role, person=person or HOLDERS[role]), team, by="p-branch")


def join(talk: Talk, person: str, team: str = "team-1") -> list[Any]:
    return talk.say(matching.JoinCareTeam(person=person), team, by="p-branch")


def active(**rules: dict[str, Any]) -> Talk:
    """With all three roles, and the household of p-7 and p-8."""
    talk = formed(**rules)
    for role in HOLDERS:
        fill(talk, role)
    join(talk, "p-7")
    return talk


def seeing(place: str = "yuanbu-south") -> matching.RecordObservation:
    return matching.RecordObservation(title="楼道充电", text="拉线充电", place=place, channel="visit")
