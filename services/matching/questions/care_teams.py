"""Answers to questions about care teams; they only read."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from microgov.contracts import matching
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.care_teams.care_team import CaredFor, CareSeat, CareTeam, Observation
from microgov.services.matching.care_teams.life import LIFE
from microgov.services.matching.questions.list import in_state, inside

LISTED_AT_MOST = 1000


def show_care_team(q: matching.ShowCareTeam, s: Session) -> matching.CareTeamShown:
    """The team with its members, households and observations."""
    return _shown(CareTeam.find(s, q.team, "team"), s)


def list_care_teams(q: matching.ListCareTeams, s: Session) -> matching.CareTeamsListed:
    """A page of care teams, by id."""
    wanted = in_state(q.state, LIFE, CareTeam.state) + inside(q.community, s, CareTeam.place)
    if q.after_id is not None:
        wanted.append(CareTeam.id > q.after_id)
    found = s.scalars(sa.select(CareTeam).where(*wanted).order_by(CareTeam.id).limit(q.most + 1)).all()
    page = found[: q.most]
    following = page[-1].id if len(found) > q.most else None
    return matching.CareTeamsListed(teams=[_shown(team, s) for team in page], next=following)


def _shown(team: CareTeam, s: Session) -> matching.CareTeamShown:
    cared = s.scalars(sa.select(CaredFor).where(CaredFor.team == team.id).order_by(CaredFor.household)).all()
    return matching.CareTeamShown(
        team=team.id,
        state=team.state,
        name=team.name,
        place=team.place,
        **CareSeat.of(team.id, s),
        households=[matching.CareHousehold(household=row.household, person=row.person) for row in cared],
        observations=[row.issue for row in rows_under(s, Observation, team.id)[:LISTED_AT_MOST]],
    )
