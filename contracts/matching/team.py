"""What is asked and said about care teams 128联户, and what they see (domain.md §3.1, 3.2, I5)."""

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

CareRole = Annotated[Literal["party_member", "dasao", "landlord"], Field(examples=["landlord"])]
WATCHERS = frozenset({Role.PARTY_MEMBER, Role.DASAO, Role.LANDLORD, Role.RESIDENT})


class FormCareTeam(Command, roles=BRANCH, creates=True):
    """A team (the subject) for a place; it is active once all three roles are filled and a household has joined."""

    place: PlaceId
    name: Text


class CareTeamFormed(Event):
    place: PlaceId
    name: Text


class FillCareRole(Command, roles=BRANCH):
    """Somebody who holds the role there takes the place that is vacant in the team."""

    role: CareRole
    person: PersonId


class CareRoleFilled(Event):
    role: CareRole
    person: PersonId


class VacateCareRole(Command, roles=BRANCH):
    """Who had the role does not any more: moved away, fallen ill, given up."""

    role: CareRole
    reason: FreeText


class CareRoleVacated(Event):
    """`reason` is left out where the directory took the role from them."""

    role: CareRole
    person: PersonId
    reason: FreeText | None = None


class JoinCareTeam(Command, roles=BRANCH):
    """The household of this person joins the team; it is in no other."""

    person: PersonId


class HouseholdJoined(Event):
    household: EntityId
    person: PersonId


class LeaveCareTeam(Command, roles=BRANCH):
    """The household of this person leaves, or the one for which they joined before they moved."""

    person: PersonId
    reason: FreeText


class HouseholdLeft(Event):
    household: EntityId
    person: PersonId
    reason: FreeText


class CareTeamActivated(Event):
    """All three roles are filled, and somebody is cared for."""

    place: PlaceId


class CareTeamIncomplete(Event):
    """An alert: the role is vacant. `people` have the other roles, or formed the team."""

    role: CareRole
    people: Annotated[list[PersonId], Field(max_length=4)]


class DissolveCareTeam(Command, roles=BRANCH):
    reason: FreeText


class CareTeamDissolved(Event):
    reason: FreeText


class RecordObservation(Command, roles=WATCHERS):
    """群防群治: somebody of the team has seen something unsafe; it becomes an issue."""

    title: Text
    text: FreeText
    place: PlaceId
    channel: Channel


class SafetyObserved(Event):
    """It becomes the issue `issue`, reported by `person`."""

    issue: EntityId
    title: Text
    text: FreeText
    place: PlaceId
    person: PersonId
    channel: Channel


class ShowCareTeam(Question, roles=READERS):
    """One team; `after` waits until that much of the log is folded."""

    team: EntityId
    after: LogSeq = 0


class CareHousehold(Part):
    household: EntityId
    person: PersonId


class CareTeamShown(Part):
    """The answer to ShowCareTeam; a role that is vacant is left out."""

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
    """Teams by their ids; `after_id` is `next` of the page before."""

    state: Word | None = None
    community: PlaceId | None = None
    after_id: EntityId | None = None
    most: Annotated[int, Field(ge=1, le=200, examples=[50])] = 50
    after: LogSeq = 0


class CareTeamsListed(Part):
    teams: Annotated[list[CareTeamShown], Field(max_length=200)]
    next: EntityId | None = None


class GroupHouseholds(Question, roles=BRANCH | OPERATORS):
    """Teams proposed for the households inside a community (a place) that are in none, with who holds the roles then.

    Of these households the first `most`, neighbours together. Nothing is formed by asking: the branch does (FormCareTeam).
    """

    community: PlaceId
    at: Time
    most: Annotated[int, Field(ge=1, le=200, examples=[80])] = 80
    after: LogSeq = 0


class TeamProposed(Part):
    """One of each role; `why`: what its households cost with each of the three, in metres on foot."""

    party_member: PersonId
    dasao: PersonId
    landlord: PersonId
    households: Annotated[list[CareHousehold], Field(max_length=50)]
    why: Annotated[list[CostPart], Field(max_length=3)]


class HouseholdsGrouped(Part):
    """The answer to GroupHouseholds: so many are in no team; `left_out` are those that no proposed team has room for."""

    community: PlaceId
    at: Time
    households: Count
    teams: Annotated[list[TeamProposed], Field(max_length=200)]
    left_out: Annotated[list[EntityId], Field(max_length=200)]
