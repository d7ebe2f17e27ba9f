"""Messages and questions about care teams 128联户 and what they observe (domain.md §3.1, 3.2, I5)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import (
    OPERATORS,
    READERS,
    Count,
    EntityId,
    FreeText,
    LogSeq,
    Part,
    PersonId,
    PlaceId,
    Role,
    Text,
    Time,
    Word,
)
from microgov.contracts.matching.planning import CostPart
from microgov.contracts.matching.vocabulary import BRANCH, Channel
from microgov.contracts.message import Command, Event, Question

ABOUT = "care_team"

CareRole = Annotated[Literal["party_member", "dasao", "landlord"], Field(examples=["landlord"])]
WATCHERS = frozenset({Role.PARTY_MEMBER, Role.DASAO, Role.LANDLORD, Role.RESIDENT})


class FormCareTeam(Command, roles=BRANCH, creates=True):
    """Forms a team (`subject`) for a place.

    The team is active once all three roles are filled and a household has joined.
    """

    place: PlaceId
    name: Text


class CareTeamFormed(Event):
    """A care team exists; its roles can be filled."""

    place: PlaceId
    name: Text


class FillCareRole(Command, roles=BRANCH):
    """Fills a vacant role of the team with a person who holds that role at its place."""

    role: CareRole
    person: PersonId


class CareRoleFilled(Event):
    """The role is filled by this person."""

    role: CareRole
    person: PersonId


class VacateCareRole(Command, roles=BRANCH):
    """Vacates a role of the team, because the person has moved away, is ill, or gives it up."""

    role: CareRole
    reason: FreeText


class CareRoleVacated(Event):
    """The role is vacant; `reason` is left out if the person no longer holds the role in the directory."""

    role: CareRole
    person: PersonId
    reason: FreeText | None = None


class JoinCareTeam(Command, roles=BRANCH):
    """Adds the household of this person to the team; a household is in one team at most."""

    person: PersonId


class HouseholdJoined(Event):
    """The household is in the team."""

    household: EntityId
    person: PersonId


class LeaveCareTeam(Command, roles=BRANCH):
    """Removes the household of this person from the team, or the one with which they joined before moving."""

    person: PersonId
    reason: FreeText


class HouseholdLeft(Event):
    """The household is no longer in the team."""

    household: EntityId
    person: PersonId
    reason: FreeText


class CareTeamActivated(Event):
    """All three roles are filled, and the team has a household."""

    place: PlaceId


class CareTeamIncomplete(Event):
    """An alert: the role is vacant.

    `people` are notified: those who hold the other roles, and the person who formed the team.
    """

    role: CareRole
    people: Annotated[list[PersonId], Field(max_length=4)]


class DissolveCareTeam(Command, roles=BRANCH):
    """Dissolves the team."""

    reason: FreeText


class CareTeamDissolved(Event):
    """The team no longer exists."""

    reason: FreeText


class RecordObservation(Command, roles=WATCHERS):
    """群防群治: somebody of the team (who holds a role in it, or lives in one of its households) reports something unsafe.

    It becomes an issue.
    """

    title: Text
    text: FreeText
    place: PlaceId
    channel: Channel


class SafetyObserved(Event):
    """`person` has reported something unsafe; it becomes the issue `issue`."""

    issue: EntityId
    title: Text
    text: FreeText
    place: PlaceId
    person: PersonId
    channel: Channel


class ShowCareTeam(Question, roles=READERS):
    """Asks for one team; `after` as in ShowOrder."""

    team: EntityId
    after: LogSeq = 0


class CareHousehold(Part):
    """A household of a team, and the person who joined with it."""

    household: EntityId
    person: PersonId


class CareTeamShown(Part):
    """The answer to ShowCareTeam; a vacant role is left out."""

    team: EntityId
    state: Word
    name: Text
    place: PlaceId
    party_member: PersonId | None = None
    dasao: PersonId | None = None
    landlord: PersonId | None = None
    households: Annotated[list[CareHousehold], Field(max_length=50)]
    observations: Annotated[list[EntityId], Field(max_length=1000)]


class ListCareTeams(Question, roles=READERS):
    """Asks for teams, in the order of their ids; `after_id` is `next` of the previous page."""

    state: Word | None = None
    community: PlaceId | None = None
    after_id: EntityId | None = None
    most: Annotated[int, Field(ge=1, le=200, examples=[50])] = 50
    after: LogSeq = 0


class CareTeamsListed(Part):
    """The answer to ListCareTeams; `next` is given if there are more."""

    teams: Annotated[list[CareTeamShown], Field(max_length=200)]
    next: EntityId | None = None


class GroupHouseholds(Question, roles=BRANCH | OPERATORS):
    """Asks for proposals of teams for the households inside a place that are in none, as of the time `at`.

    Households in which somebody holds one of the three roles are left out. The first `most` of the others are grouped,
    neighbours together. Asking forms no team: the branch does so with FormCareTeam.
    """

    community: PlaceId
    at: Time
    most: Annotated[int, Field(ge=1, le=200, examples=[80])] = 80
    after: LogSeq = 0


class TeamProposed(Part):
    """A proposed team; `why` is the cost of its households for each of the three persons, in metres on foot."""

    party_member: PersonId
    dasao: PersonId
    landlord: PersonId
    households: Annotated[list[CareHousehold], Field(max_length=50)]
    why: Annotated[list[CostPart], Field(max_length=3)]


class HouseholdsGrouped(Part):
    """The answer to GroupHouseholds.

    `households` counts all households that could be grouped; `left_out` are those of the first `most` for which no proposed
    team has room.
    """

    community: PlaceId
    at: Time
    households: Count
    teams: Annotated[list[TeamProposed], Field(max_length=200)]
    left_out: Annotated[list[EntityId], Field(max_length=200)]
