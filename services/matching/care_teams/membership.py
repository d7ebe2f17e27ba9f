"""Members of care teams: roles are filled by people who hold them; a vacant role raises an alert (domain.md §3.2, I5)."""

from collections.abc import Iterator
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.directory import RoleGranted, RoleRevoked
from microgov.contracts.ids import message_id
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules.care_teams import TeamRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.care_teams.care_team import (
    CaredFor,
    CareSeat,
    CareTask,
    CareTeam,
    Observation,
)
from microgov.services.matching.care_teams.life import LIFE
from microgov.services.matching.model import Person, Place, rules_in_force
from microgov.services.matching.registry.role_holding import RoleHolding


def fill(m: Envelope[matching.FillCareRole], s: Session) -> Iterator[Said]:
    """Fills a vacant role with a person who holds it; a complete team becomes active."""
    team, d = CareTeam.in_scope(m, s), m.data
    Person.named(d.person, s, "data.person")
    if s.get(CareSeat, (team.id, d.role)) is not None:
        raise Refused(
            "role_taken",
            f"{d.role} 已有人担任。请先免去原担任者。",
            f"The team has a {d.role}. Vacate the role first.",
            "data.role",
        )
    if not RoleHolding.holds(d.person, d.role, team.place, m.recordedtime, s):
        raise Refused(
            "not_of_the_role",
            f"{d.person} 在 {team.place} 没有身份 {d.role}。请先由街道办授予。",
            f"{d.person} is no {d.role} at {team.place}. Have the office grant the role first.",
            "data.person",
        )
    LIFE.move(team, m, s)
    s.add(CareSeat(team=team.id, role=d.role, person=d.person))
    s.add(CareTask(person=d.person, role=d.role, team=team.id))
    team.filled += 1
    team.set_deadline({**CareSeat.of(team.id, s), d.role: d.person}, s)
    yield team.say(matching.CareRoleFilled(role=d.role, person=d.person))
    yield from team.activate_if_complete(m, s)


def vacate(m: Envelope[matching.VacateCareRole], s: Session) -> Iterator[Said]:
    """Vacates a role; an active team becomes incomplete, and its other members are alerted."""
    team, d = CareTeam.in_scope(m, s), m.data
    seat = s.get(CareSeat, (team.id, d.role))
    LIFE.check(team, matching.VacateCareRole, m, s)
    if seat is None:
        raise Refused(
            "role_vacant",
            f"{d.role} 本来就空缺。无需免去。",
            f"The team has no {d.role}. There is nothing to vacate.",
            "data.role",
        )
    yield from _vacated(team, seat, d.reason, m, s)
    _set_deadline_without(team, [seat], s)


def role_granted(m: Envelope[RoleGranted], s: Session) -> None:
    """Stores a granted role and sets the deadlines of the teams in which the person has a role."""
    RoleHolding.granted(m, s)
    for team in sorted({task.team for task in rows_under(s, CareTask, m.data.person)}):
        s.get_one(CareTeam, team).set_deadline(CareSeat.of(team, s), s)


def role_revoked(m: Envelope[RoleRevoked], s: Session) -> Iterator[Said]:
    """Removes a revoked role; the person's role in teams becomes vacant at once."""
    RoleHolding.revoked(m, s)
    for team in sorted({task.team for task in rows_under(s, CareTask, m.data.person)}):
        yield from vacate_ended_roles(s.get_one(CareTeam, team), m, s)


def role_over(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline: the role of a member has ended."""
    yield from vacate_ended_roles(s.get_one(CareTeam, m.data.entity), m, s)


def vacate_ended_roles(team: CareTeam, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Vacates the roles of members who no longer hold them."""
    now = m.recordedtime
    gone = [
        seat
        for seat in rows_under(s, CareSeat, team.id)
        if not RoleHolding.holds(seat.person, seat.role, team.place, now, s)
    ]
    for seat in gone:
        yield from _vacated(team, seat, None, m, s)
    _set_deadline_without(team, gone, s)


def _vacated(team: CareTeam, seat: CareSeat, reason: str | None, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Removes the member from the role; an active team becomes incomplete."""
    left = {role: person for role, person in CareSeat.of(team.id, s).items() if role != seat.role}
    s.delete(seat)
    s.delete(s.get_one(CareTask, (seat.person, seat.role, team.id)))
    team.filled -= 1
    role = next(one for one in get_args(get_args(matching.CareRole)[0]) if one == seat.role)
    yield team.say(matching.CareRoleVacated(role=role, person=seat.person, reason=reason))
    if LIFE.allows(team.state, "vacant"):
        LIFE.moved_by(team, "vacant", m, s)
        people = sorted({team.formed_by, *left.values()})
        yield team.say(matching.CareTeamIncomplete(role=role, people=people))


def _set_deadline_without(team: CareTeam, gone: list[CareSeat], s: Session) -> None:
    """Sets the team's deadline for the members who remain without those of `gone`."""
    roles = {seat.role for seat in gone}
    team.set_deadline(
        {role: person for role, person in CareSeat.of(team.id, s).items() if role not in roles}, s
    )


def join(m: Envelope[matching.JoinCareTeam], s: Session) -> Iterator[Said]:
    """Adds a household that is in no team, if there is room (`teams.households`)."""
    team, person = CareTeam.in_scope(m, s), Person.named(m.data.person, s, "data.person")
    check_within(s, Place, person.place, m, "data.person")
    known, room = s.get(CaredFor, person.household), rules_in_force(s, TeamRules).households
    if known is not None:
        raise Refused(
            "in_a_team",
            f"住户 {person.household} 已在联户组 {known.team}。请先退出。",
            f"The household {person.household} is in the team {known.team}. It leaves that one first.",
            "data.person",
        )
    LIFE.check(team, matching.JoinCareTeam, m, s)
    if team.households >= room:
        raise Refused(
            "team_full",
            f"联户组 {team.id} 已有 {room} 户。请另组一组。",
            f"The team {team.id} has {room} households. Form another one.",
            "data.person",
        )
    LIFE.move(team, m, s)
    s.add(CaredFor(household=person.household, team=team.id, person=person.id))
    team.households += 1
    yield team.say(matching.HouseholdJoined(household=person.household, person=person.id))
    yield from team.activate_if_complete(m, s)


def leave(m: Envelope[matching.LeaveCareTeam], s: Session) -> Said:
    """Removes a household: that of the person or, if the person has moved since, the household for which they joined."""
    team, person = CareTeam.in_scope(m, s), Person.named(m.data.person, s, "data.person")
    row = s.get(CaredFor, person.household)
    if row is None or row.team != team.id:
        joined = select(CaredFor).where(CaredFor.team == team.id, CaredFor.person == person.id)
        row = s.scalars(joined.order_by(CaredFor.household).limit(1)).first()
    if row is None:
        raise Refused(
            "not_in_this_team",
            f"住户 {person.household} 不在联户组 {team.id}。请核对。",
            f"The household {person.household} is not in the team {team.id}. Check it.",
            "data.person",
        )
    LIFE.move(team, m, s)
    s.delete(row)
    team.households -= 1
    return team.say(matching.HouseholdLeft(household=row.household, person=person.id, reason=m.data.reason))


def dissolve(m: Envelope[matching.DissolveCareTeam], s: Session) -> Said:
    """Dissolves the team; its members and households may join other teams."""
    team = CareTeam.in_scope(m, s)
    LIFE.move(team, m, s)
    for seat in rows_under(s, CareSeat, team.id):
        s.delete(s.get_one(CareTask, (seat.person, seat.role, team.id)))
        s.delete(seat)
    for row in s.scalars(select(CaredFor).where(CaredFor.team == team.id).order_by(CaredFor.household)):
        s.delete(row)
    team.filled = team.households = 0
    team.set_deadline({}, s)
    return team.say(matching.CareTeamDissolved(reason=m.data.reason))


def observe(m: Envelope[matching.RecordObservation], s: Session) -> Said:
    """Records an observation 群防群治, which the service issues turns into an issue. The issue's id is derived from the
    message.
    """
    team, d = CareTeam.find(s, m.subject), m.data
    person = Person.named(m.beneficiary, s, "authid")
    cared = s.get(CaredFor, person.household)
    if person.id not in CareSeat.of(team.id, s).values() and (cared is None or cared.team != team.id):
        raise Refused(
            "not_of_the_team",
            f"{person.id} 不在联户组 {team.id}。请由组内成员上报。",
            f"{person.id} is not of the team {team.id}. Somebody who is reports it.",
            "authid",
        )
    check_within(s, Place, d.place, m, "data.place")
    LIFE.move(team, m, s)
    issue = message_id(m.id, "observation")
    s.add(Observation(team=team.id, issue=issue, person=person.id))
    seen = {"title": d.title, "text": d.text, "place": d.place, "channel": d.channel}
    return team.say(matching.SafetyObserved.model_validate({**seen, "issue": issue, "person": person.id}))
