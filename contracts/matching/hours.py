"""What can be asked about hours of service, and the answers (never stored)."""

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
"""Of however many lines."""


class ShowHours(Question, roles=READERS):
    """The hours of one person: those entered from `since` on and before `until`; what a certificate says."""

    person: PersonId
    since: Time | None = None
    until: Time | None = None
    after: LogSeq = 0


class HoursLine(Part):
    """A line of the ledger; below 0 it takes the line `reverses` back."""

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
    """For one organisation, by kind."""

    organisation: EntityId
    name: Text | None = None
    kind: HourKind
    tasks: Count
    minutes: AllMinutes


class HoursShown(Part):
    """The answer to ShowHours: sums over all lines, and the newest thousand of these."""

    person: PersonId
    minutes: AllMinutes
    tasks: Count
    strikes: Count
    by_organisation: Annotated[list[HoursOf], Field(max_length=1000)]
    lines: Annotated[list[HoursLine], Field(max_length=1000)]


class ShowWorkload(Question, roles=READERS):
    """Hours of service by organisation: what social workers lead, and what volunteers do."""

    community: PlaceId | None = None
    since: Time | None = None
    until: Time | None = None
    after: LogSeq = 0


class Workload(Part):
    """`filled`: the share of all minutes that volunteers serve, the gap that they fill."""

    organisation: EntityId
    name: Text | None = None
    people: Count
    lead: AllMinutes
    assist: AllMinutes
    filled: PerMille


class WorkloadShown(Part):
    """The answer to ShowWorkload; `organisation` of the last line is `all`."""

    workload: Annotated[list[Workload], Field(max_length=1001)]
