"""Messages about those who serve: coming, leaving, dropping out, strikes 爽约, hours (domain.md §3.2, 3.3)."""

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
    """A person who had agreed to serve cannot come; the subject is the proposal."""

    reason: FreeText
    channel: Channel


class ReplacePerson(Command, roles=PROVIDERS):
    """The organisation asks `person`, by the proposal `by`, instead of who had agreed (the proposal that is the subject)."""

    by: EntityId
    person: PersonId
    reason: FreeText


class ProposalReplaced(Event):
    """The person who had agreed is free again: somebody else is asked."""

    order: EntityId
    person: PersonId
    by: EntityId


class OrderUnderstaffed(Event):
    """`person` does not serve after all; so many persons are `missing`."""

    organisation: EntityId
    person: PersonId
    missing: Positive


class ReportNoShow(Command, roles=PROVIDERS):
    """爽约: reports that the person who had agreed (the subject is the proposal) did not come."""

    note: FreeText


class PersonDidNotShow(Event):
    """The person did not come."""

    order: EntityId
    person: PersonId


class StrikeGiven(Event):
    """A strike against a person.

    `number` counts those within the window that the rules set; at the number that they name, the person is not asked until
    `paused_until`.
    """

    order: EntityId
    person: PersonId
    reason: Annotated[Literal["no_show", "late_drop_out"], Field(examples=["no_show"])]
    number: Positive
    paused_until: Time | None = None


class PersonCheckedIn(Event):
    """One more of those who serve together has arrived."""

    organisation: EntityId
    person: PersonId


class CheckOut(Command, roles=HELPERS):
    """The person who serves leaves; the subject is the order."""

    channel: Channel


class PersonCheckedOut(Event):
    """The person has left after so many minutes."""

    organisation: EntityId
    person: PersonId
    minutes: Count


class HoursEntered(Event):
    """One line of the ledger of hours (the subject is the proposal); `number` counts its lines."""

    order: EntityId
    organisation: EntityId
    person: PersonId
    duty: Duty
    kind: HourKind
    minutes: Minutes
    number: Positive


class EnterHours(Command, roles=PROVIDERS):
    """Enters hours besides the service itself, once for each kind; the subject is the proposal."""

    kind: HourKind
    minutes: Minutes
    note: FreeText


class CorrectHours(Command, roles=EITHER):
    """Reverses the entry of this kind and enters it anew; 0 minutes: reverses only. The subject is the proposal."""

    kind: HourKind
    minutes: Minutes
    reason: FreeText


class HoursReversed(Event):
    """A line of the ledger that reverses the line with the number `reverses`."""

    order: EntityId
    organisation: EntityId
    person: PersonId
    duty: Duty
    kind: HourKind
    minutes: Minutes
    number: Positive
    reverses: Positive
    reason: FreeText
