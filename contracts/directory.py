"""Places, persons, roles, publishers and the rules of the house; the gateway's fold `directory` owns them."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import (
    OPERATORS,
    EntityId,
    Language,
    Part,
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
from microgov.contracts.message import Command, Event, Question
from microgov.contracts.rules import Rules

OWNER = "directory"

REGISTRARS = frozenset({Role.OFFICE, Role.OPERATOR})
OPERATOR = frozenset({Role.OPERATOR})

PlaceKind = Annotated[
    Literal["sub_district", "community", "compound", "building", "stairwell", "household"],
    Field(examples=["community"]),
]


class Pin(Part):
    """Where a place is on a map, in microdegrees of the coordinate system that is named; they are never mixed."""

    latitude: Annotated[int, Field(ge=-90_000_000, le=90_000_000, examples=[30_418_000])]
    longitude: Annotated[int, Field(ge=-180_000_000, le=180_000_000, examples=[120_299_000])]
    crs: Annotated[Literal["wgs84", "gcj02"], Field(examples=["gcj02"])]


class DefinePlace(Command, roles=REGISTRARS, creates=True):
    """A place; the subject is its id. Only a sub-district has no parent. Without a pin it keeps the one it had."""

    kind: PlaceKind
    name: Text
    parent: PlaceId | None = None
    pin: Pin | None = None


class PlaceDefined(Event):
    """`path` lists the place and everything above it, innermost first."""

    kind: PlaceKind
    name: Text
    path: Annotated[list[PlaceId], Field(min_length=1, max_length=8)]
    pin: Pin | None = None


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


class ChangeRules(Command, roles=REGISTRARS, creates=True):
    """One whole section, every default written out; the subject is the section's name."""

    content: Rules


class RulesChanged(Event):
    """Handlers decide by these messages and by nothing else."""

    section: Word
    version: Positive
    content: Rules


class ListAttempts(Question, roles=OPERATORS):
    """Who tried to give a role, a grant or a rule that was not theirs to give, and was refused; the newest first."""

    most: Annotated[int, Field(ge=1, le=500, examples=[50])] = 50


class Attempt(Part):
    """One refused message: through which publisher, in whose name and role, what it was about, which rule said no."""

    at: Time
    publisher: Token
    person: EntityId | None = None
    role: RoleName | None = None
    type: TypeName
    subject: EntityId | None = None
    code: Word
    about: Annotated[str, Field(max_length=200, examples=["operator at donghu-yuanbu"])] = ""


class Attempts(Part):
    """The answer to ListAttempts; `count` is how many are kept."""

    count: Annotated[int, Field(ge=0, examples=[1])]
    attempts: Annotated[list[Attempt], Field(max_length=500)]
