"""Proposes new care teams for households that are in no team (domain.md §3.2, 3.4).

Only households in which nobody holds one of the three roles are considered. A landlord's own building is the place where
the landlord lives. A missing pin excludes nobody.
"""

from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.contracts.rules.care_teams import TeamRules
from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching import planner
from microgov.services.matching.care_teams.care_team import ROLES, CaredFor, CareTask
from microgov.services.matching.model import Person, Place, rules_in_force
from microgov.services.matching.questions.list import inside
from microgov.services.matching.questions.planner_units import point
from microgov.services.matching.registry.providers import Provider
from microgov.services.matching.registry.role_holding import RoleHolding


def group_households(q: matching.GroupHouseholds, s: Session) -> matching.HouseholdsGrouped:
    """The proposed teams; nothing is stored. Raises `unknown_place`."""
    weights = rules_in_force(s, PlanningRules).model_copy(
        update={"team_households": rules_in_force(s, TeamRules).households}
    )
    homes = _homes(q, s)
    asked = [
        planner.Household(household, point(person.place, s), building=person.place)
        for household, person in islice(homes.items(), q.most)
    ]
    party_members, dasao, landlords = (_helpers(role, q, s) for role in ROLES)
    made = planner.group(asked, party_members, dasao, landlords, weights)
    return matching.HouseholdsGrouped(
        community=q.community,
        at=q.at,
        households=len(homes),
        teams=[_proposed(team, homes) for team in made.teams],
        left_out=list(made.left_out),
    )


def _homes(q: matching.GroupHouseholds, s: Session) -> dict[str, Person]:
    """Household → one of its persons, for each household that is in no team; sorted by place, so that neighbours follow each
    other.
    """
    helping = (
        sa.select(Person.household)
        .join(RoleHolding, RoleHolding.person == Person.id)
        .where(RoleHolding.role.in_(ROLES))
    )
    wanted = [
        *inside(q.community, s, Person.place),
        Person.household.not_in(helping),
        Person.household.not_in(sa.select(CaredFor.household)),
    ]
    found: dict[str, Person] = {}
    for person in s.scalars(
        sa.select(Person).where(*wanted).order_by(Person.place, Person.household, Person.id)
    ):
        found.setdefault(person.household, person)
    return found


def _helpers(role: str, q: matching.GroupHouseholds, s: Session) -> list[planner.Helper]:
    """People who hold the role at the community or at a place above it, and have this role in no team."""
    holding = sa.select(RoleHolding.person).where(
        RoleHolding.role == role,
        RoleHolding.place.in_(s.get_one(Place, q.community).path),
        sa.or_(RoleHolding.until.is_(None), RoleHolding.until > q.at),
    )
    busy = sa.select(CareTask.person).where(CareTask.role == role)
    people = s.scalars(
        sa.select(Person).where(Person.id.in_(holding), Person.id.not_in(busy)).order_by(Person.id)
    )
    return [
        planner.Helper(one.id, point(one.place, s), _languages(one.id, s), frozenset({one.place}))
        for one in people
    ]


def _languages(person: str, s: Session) -> frozenset[str]:
    provider = s.get(Provider, person)
    return frozenset(provider.languages if provider is not None else ())


def _proposed(team: planner.CareTeam, homes: dict[str, Person]) -> matching.TeamProposed:
    return matching.TeamProposed(
        party_member=team.party_member,
        dasao=team.dasao,
        landlord=team.landlord,
        households=[matching.CareHousehold(household=one, person=homes[one].id) for one in team.households],
        why=[matching.CostPart(name=role, metres=cost) for role, cost in zip(ROLES, team.costs, strict=True)],
    )
