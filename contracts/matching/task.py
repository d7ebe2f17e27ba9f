"""What is asked and said about those who serve: coming, leaving, dropping out, strikes 爽约, hours (domain.md §3.2, 3.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Positive, Time
from microgov.contracts.matching.vocabulary import (
    EITHER,
    HELPERS,
    PROVIDERS,
    Channel,
    Duty,
    HourKind,
    Minutes,
)
from microgov.contracts.message import Command, Event


class DropOut(Command, roles=HELPERS):
    """Who had said yes cannot come after all; the subject is the proposal."""

    reason: FreeText
    channel: Channel


class ReplacePerson(Command, roles=PROVIDERS):
    """The organisation asks `person` (by the proposal `by`) in place of who had said yes (the subject)."""

    by: EntityId
    person: PersonId
    reason: FreeText


class ProposalReplaced(Event):
    """Who had said yes is free again: somebody else is asked."""

    order: EntityId
    person: PersonId
    by: EntityId


class OrderUnderstaffed(Event):
    """So many are `missing` again of those who were to serve."""

    organisation: EntityId
    person: PersonId
    missing: Positive


class ReportNoShow(Command, roles=PROVIDERS):
    """爽约: who had said yes (the proposal is the subject) did not come."""

    note: FreeText


class PersonDidNotShow(Event):
    order: EntityId
    person: PersonId


class StrikeGiven(Event):
    """`number`: so many within the window of the rules; with as many as they name, nobody asks the person until then."""

    order: EntityId
    person: PersonId
    reason: Annotated[Literal["no_show", "late_drop_out"], Field(examples=["no_show"])]
    number: Positive
    paused_until: Time | None = None


class PersonCheckedIn(Event):
    """One more of those who serve together is there."""

    organisation: EntityId
    person: PersonId


class CheckOut(Command, roles=HELPERS):
    """The person who serves leaves; the subject is the order."""

    channel: Channel


class PersonCheckedOut(Event):
    organisation: EntityId
    person: PersonId
    minutes: Count


class HoursEntered(Event):
    """One line of the ledger of hours (the subject is the proposal): `number` counts its lines."""

    order: EntityId
    organisation: EntityId
    person: PersonId
    duty: Duty
    kind: HourKind
    minutes: Minutes
    number: Positive


class EnterHours(Command, roles=PROVIDERS):
    """Hours beside the service itself, once for each kind; the subject is the proposal."""

    kind: HourKind
    minutes: Minutes
    note: FreeText


class CorrectHours(Command, roles=EITHER):
    """What stands in the ledger is reversed, and entered anew; 0 minutes: only reversed. The subject is the proposal."""

    kind: HourKind
    minutes: Minutes
    reason: FreeText


class HoursReversed(Event):
    """A line that takes back the line `reverses`."""

    order: EntityId
    organisation: EntityId
    person: PersonId
    duty: Duty
    kind: HourKind
    minutes: Minutes
    number: Positive
    reverses: Positive
    reason: FreeText
