"""Messages about places, persons, roles, publishers and the tenant's rules; handled by the gateway's fold `directory`."""

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

OFFICE_OR_OPERATOR = frozenset({Role.OFFICE, Role.OPERATOR})
"""Roles that maintain places, persons, roles and rules."""

PlaceKind = Annotated[
    Literal["sub_district", "community", "compound", "building", "stairwell", "household"],
    Field(examples=["community"]),
]


class Pin(Part):
    """Where a place is on a map.

    Degrees are given in millionths (microdegrees). `crs` names the coordinate system; coordinates of different systems are
    converted to one system before they are compared.
    """

    latitude: Annotated[int, Field(ge=-90_000_000, le=90_000_000, examples=[30_418_000])]
    longitude: Annotated[int, Field(ge=-180_000_000, le=180_000_000, examples=[120_299_000])]
    crs: Annotated[Literal["wgs84", "gcj02"], Field(examples=["gcj02"])]


class DefinePlace(Command, roles=OFFICE_OR_OPERATOR, creates=True):
    """Defines the place (`subject`), or changes it; `PlaceDefined` follows.

    `parent` is the place around it; only a sub-district has none. Without `pin` the place keeps the pin that it has.
    """

    kind: PlaceKind
    name: Text
    parent: PlaceId | None = None
    pin: Pin | None = None


class PlaceDefined(Event, about="place"):
    """A place was defined or changed.

    `path` lists the place and all places around it, the innermost first.
    """

    kind: PlaceKind
    name: Text
    path: Annotated[list[PlaceId], Field(min_length=1, max_length=8)]
    pin: Pin | None = None


class RegisterPerson(Command, roles=OFFICE_OR_OPERATOR, creates=True):
    """Registers a person, or changes the entry; `PersonRegistered` follows.

    `subject` is an opaque reference to the person: names and numbers stay out of the log. `place` is where the person
    lives; notices to the person are written in `language`.
    """

    household: EntityId
    place: PlaceId
    language: Language = "zh-Hans"


class PersonRegistered(Event, about="person"):
    """A person was registered, or the entry changed."""

    person: EntityId
    household: EntityId
    place: PlaceId
    language: Language


class GrantRole(Command, roles=OFFICE_OR_OPERATOR):
    """Gives the person (`subject`) a role at a place; `RoleGranted` follows.

    `until` is the time at which the role ends; without it the role is held until it is revoked.
    """

    role: RoleName
    place: PlaceId
    until: Time | None = None


class RoleGranted(Event, about="person"):
    """A person has a role at a place from now on."""

    person: EntityId
    role: RoleName
    place: PlaceId
    until: Time | None = None


class RevokeRole(Command, roles=OFFICE_OR_OPERATOR):
    """Takes the role at this place away from the person (`subject`); `RoleRevoked` follows."""

    role: RoleName
    place: PlaceId


class RoleRevoked(Event, about="person"):
    """A person no longer has this role at this place."""

    person: EntityId
    role: RoleName
    place: PlaceId


class GrantPublisher(Command, roles=OPERATORS, creates=True):
    """Permits a program outside (`subject`) to send messages; `PublisherGranted` follows.

    It may send messages of these `types`, for senders in these `roles`. It receives copies of the events whose types are in
    `follows`, as far as they are about entities that its own commands created, or follow from a message that it sent. `*`
    means all types. `speaks_for` is `itself` if the program acts in its own name alone, and `anyone` if its messages may
    name the person who acts.
    """

    types: Annotated[list[TypeName | Literal["*"]], Field(min_length=1, max_length=500)]
    follows: Annotated[list[TypeName | Literal["*"]], Field(max_length=500, default_factory=list)]
    roles: Annotated[list[RoleName], Field(max_length=len(Role))]
    speaks_for: Literal["itself", "anyone"]


class PublisherGranted(Event, about="publisher"):
    """A program outside may send messages within these limits."""

    publisher: Token
    types: Annotated[list[TypeName | Literal["*"]], Field(min_length=1, max_length=500)]
    follows: Annotated[list[TypeName | Literal["*"]], Field(max_length=500)]
    roles: Annotated[list[RoleName], Field(max_length=len(Role))]
    speaks_for: Literal["itself", "anyone"]


class WithdrawPublisher(Command, roles=OPERATORS):
    """Withdraws the grant of the publisher (`subject`), which may then send nothing; `PublisherWithdrawn` follows."""


class PublisherWithdrawn(Event, about="publisher"):
    """A publisher may send nothing any more."""

    publisher: Token


class ChangeRules(Command, roles=OFFICE_OR_OPERATOR, creates=True):
    """Replaces one section of the tenant's rules; `RulesChanged` follows.

    `subject` is the section's name. `content` is the whole section: a field that is left out gets its
    default, and does not keep its present value.
    """

    content: Rules


class RulesChanged(Event, about="rules"):
    """A section of the tenant's rules is in force from here on.

    Handlers read the rules from these events alone, not from files or settings. `version` counts the changes of the
    section.
    """

    section: Word
    version: Positive
    content: Rules


class ListAttempts(Question, roles=OPERATORS):
    """Asks for the attempts at administration that the door rejected because the sender may not do so.

    These are commands of `directory` (places, persons, roles, grants, rules), `SetClock`, `RetryMessage` and
    `DiscardMessage`. The newest attempt comes first; `most` is the greatest number of attempts in the answer.
    """

    most: Annotated[int, Field(ge=1, le=500, examples=[50])] = 50


class Attempt(Part):
    """One message that the door rejected.

    `publisher`, `person` and `role` say who sent it and as what, `subject` and `about` what it concerned, and `code` is the
    code of the rule that rejected it.
    """

    at: Time
    publisher: Token
    person: EntityId | None = None
    role: RoleName | None = None
    type: TypeName
    subject: EntityId | None = None
    code: Word
    about: Annotated[str, Field(max_length=200, examples=["operator at donghu-yuanbu"])] = ""


class Attempts(Part):
    """The answer to ListAttempts; `count` is how many attempts are kept in all."""

    count: Annotated[int, Field(ge=0, examples=[1])]
    attempts: Annotated[list[Attempt], Field(max_length=500)]
