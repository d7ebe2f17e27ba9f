"""Places, persons, roles, publishers and the rules of the house; the gateway's fold `directory` owns them."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.fields import (
    EntityId,
    Language,
    Part,
    PerMille,
    PlaceId,
    Positive,
    Role,
    RoleName,
    Text,
    Time,
    Token,
    TypeName,
    Word,
)
from contracts.message import Command, Event

REGISTRARS = frozenset({Role.OFFICE, Role.OPERATOR})
OPERATOR = frozenset({Role.OPERATOR})

PlaceKind = Annotated[
    Literal["sub_district", "community", "compound", "building", "stairwell", "household"], Field(examples=["community"])
]


class DefinePlace(Command, roles=REGISTRARS, creates=True):
    """A place; the subject is its id. Only a sub-district has no parent."""

    kind: PlaceKind
    name: Text
    parent: PlaceId | None = None


class PlaceDefined(Event):
    """`path` lists the place and everything above it, innermost first."""

    kind: PlaceKind
    name: Text
    path: Annotated[list[PlaceId], Field(min_length=1, max_length=8)]


class RegisterPerson(Command, roles=REGISTRARS, creates=True):
    """A person, by an opaque reference (the subject); names and numbers stay out of the log."""

    household: EntityId
    place: PlaceId
    language: Language = "zh-Hans"


class PersonRegistered(Event):
    person: EntityId
    household: EntityId
    place: PlaceId
    language: Language


class GrantRole(Command, roles=REGISTRARS):
    """The subject (a person) gets a role at a place, until a time or for good."""

    role: RoleName
    place: PlaceId
    until: Time | None = None


class RoleGranted(Event):
    person: EntityId
    role: RoleName
    place: PlaceId
    until: Time | None = None


class RevokeRole(Command, roles=REGISTRARS):
    role: RoleName
    place: PlaceId


class RoleRevoked(Event):
    person: EntityId
    role: RoleName
    place: PlaceId


class GrantPublisher(Command, roles=OPERATOR, creates=True):
    """A program outside (the subject) may send these types, in these roles, for itself or for anyone it names."""

    types: Annotated[list[TypeName | Literal["*"]], Field(min_length=1, max_length=500)]
    follows: Annotated[list[TypeName | Literal["*"]], Field(max_length=500, default_factory=list)]
    roles: Annotated[list[RoleName], Field(max_length=23)]
    speaks_for: Literal["itself", "anyone"]


class PublisherGranted(Event):
    publisher: Token
    types: Annotated[list[TypeName | Literal["*"]], Field(min_length=1, max_length=500)]
    follows: Annotated[list[TypeName | Literal["*"]], Field(max_length=500)]
    roles: Annotated[list[RoleName], Field(max_length=23)]
    speaks_for: Literal["itself", "anyone"]


class WithdrawPublisher(Command, roles=OPERATOR):
    """The subject (a publisher) may send nothing any more."""


class PublisherWithdrawn(Event):
    publisher: Token


# --- the rules of the house, one section each; the defaults here are what `microgov tenant add` writes out ---

Hours = Annotated[int, Field(ge=1, le=24 * 366, examples=[48])]
Days = Annotated[int, Field(ge=0, le=366, examples=[2])]


class HouseRules(Part):
    """`behaviour` is raised where code decides differently from what a live log holds (architecture.md §4.9)."""

    section: Literal["house"] = "house"
    behaviour: Positive = 1


class IssueRules(Part):
    """How issues are taken in (domain.md §2.1, 2.2)."""

    section: Literal["issues"] = "issues"
    staff_channels: Annotated[list[Word], Field(max_length=20, default_factory=lambda: ["counter", "visit", "phone"])]
    """Channels by which an issue that a member of staff records is accepted at once."""
    contact_attempts: Positive = 3
    """So many logged attempts to tell somebody the result stand for having told them."""
    survey_hours: Hours = 336
    """How long after closing the survey is open."""


class CourseRules(Part):
    """What may happen to an issue on its way (domain.md §2.1.6, 2.1.7)."""

    section: Literal["course"] = "course"
    returns: Positive = 3
    """The return with this number escalates the issue."""
    suspension_days: Days = 90
    """An issue is suspended for so long at most."""


class EmergencyRules(Part):
    """Emergencies act first and are deliberated afterwards (domain.md §2.1.1)."""

    section: Literal["emergency"] = "emergency"
    deliberation_days: Annotated[int, Field(ge=1, le=366, examples=[7])] = 7
    """Without a deliberation record after so many days, an emergency is escalated."""


class DeliberationRules(Part):
    """The rules of procedure 议事规则 (domain.md §2.3)."""

    section: Literal["deliberation"] = "deliberation"
    quorum: Positive = 3
    """So many people must have taken part in a ballot, else nothing is adopted from it."""
    majority_per_mille: PerMille = 500
    """An option is adopted with more than this share of the votes for and against it."""
    notice_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    """The least time between convening a session and its ballot."""
    amendment_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    """How long drafted minutes wait for amendments before they can be confirmed."""
    confirmations: Positive = 2
    """So many of those present must confirm the minutes."""


class MatchingRules(Part):
    """How orders are dispatched (domain.md §3)."""

    section: Literal["matching"] = "matching"
    acceptance_hours: Hours = 48
    """An assignment that the organisation has not answered by then expires."""
    proposal_hours: Hours = 24
    """A proposal that the person has not answered by then expires."""
    rating_hours: Hours = 168
    """An order that nobody has rated by then is closed."""


class NotifyRules(Part):
    """How people are told (domain.md §4)."""

    section: Literal["notify"] = "notify"
    retry_seconds: Annotated[
        list[Positive], Field(min_length=1, max_length=10, default_factory=lambda: [10, 60, 300, 1800, 7200])
    ]
    """The waits before another attempt; after the last one a delivery has failed."""
    ttl_hours: Hours = 72
    """No attempt is made later than this after the event."""


Rules = Annotated[
    HouseRules | IssueRules | CourseRules | EmergencyRules | DeliberationRules | MatchingRules | NotifyRules,
    Field(discriminator="section"),
]
SECTIONS: tuple[type[Part], ...] = (
    HouseRules, IssueRules, CourseRules, EmergencyRules, DeliberationRules, MatchingRules, NotifyRules,
)


class ChangeRules(Command, roles=REGISTRARS, creates=True):
    """One whole section, every default written out; the subject is the section's name."""

    content: Rules


class RulesChanged(Event):
    """Handlers decide by these messages and by nothing else."""

    section: Word
    version: Positive
    content: Rules
