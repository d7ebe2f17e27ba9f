"""Questions about hours of service, and the answers (never stored)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    READERS,
    Count,
    EntityId,
    LogSeq,
    Part,
    PerMille,
    PersonId,
    PlaceId,
    Positive,
    Text,
    Time,
)
from microgov.contracts.matching.vocabulary import Duty, HourKind
from microgov.contracts.message import Question

SignedMinutes = Annotated[int, Field(ge=-(10**6), le=10**6, examples=[90])]
AllMinutes = Annotated[int, Field(ge=-(2**53 - 1), le=2**53 - 1, examples=[5400])]
"""Minutes, summed over any number of lines."""


class ShowHours(Question, roles=READERS):
    """Asks for the hours of a person, for a certificate: entries from `since` on and before `until`."""

    person: PersonId
    since: Time | None = None
    until: Time | None = None
    after: LogSeq = 0


class HoursLine(Part):
    """A line of the ledger; a negative one reverses the line with the number `reverses`.

    `task` is the id of the proposal.
    """

    task: EntityId
    number: Positive
    order: EntityId
    organisation: EntityId
    duty: Duty
    kind: HourKind
    minutes: SignedMinutes
    at: Time
    reverses: Positive | None = None


class HoursOf(Part):
    """The sum for one organisation and kind of hours."""

    organisation: EntityId
    name: Text | None = None
    kind: HourKind
    tasks: Count
    minutes: AllMinutes


class HoursShown(Part):
    """The answer to ShowHours: sums over all lines of the span, and the newest thousand of them.

    `strikes` counts all strikes of the person, whatever the span.
    """

    person: PersonId
    minutes: AllMinutes
    tasks: Count
    strikes: Count
    by_organisation: Annotated[list[HoursOf], Field(max_length=1000)]
    lines: Annotated[list[HoursLine], Field(max_length=1000)]


class ShowWorkload(Question, roles=READERS):
    """Asks for the hours, of every kind, of each organisation: those of who led, and those of who assisted.

    `community` is a place in which the beneficiaries live; `since` and `until` as in ShowHours.
    """

    community: PlaceId | None = None
    since: Time | None = None
    until: Time | None = None
    after: LogSeq = 0


class Workload(Part):
    """The minutes of one organisation by duty (`lead`, `assist`); `filled` is the share of `assist` in all, per mille."""

    organisation: EntityId
    name: Text | None = None
    people: Count
    lead: AllMinutes
    assist: AllMinutes
    filled: PerMille


class WorkloadShown(Part):
    """The answer to ShowWorkload; the last line is the sum, with `all` as its `organisation`."""

    workload: Annotated[list[Workload], Field(max_length=1001)]
