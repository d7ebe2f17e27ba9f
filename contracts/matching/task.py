"""Messages about the persons who serve an order: check-in, check-out, dropping out, strikes 爽约, hours (domain.md
§3.2, 3.3).
"""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Positive, Time
from microgov.contracts.matching.vocabulary import (
    BRANCH_AND_PROVIDERS,
    HELPERS,
    PROVIDERS,
    Channel,
    Duty,
    HourKind,
    Minutes,
)
from microgov.contracts.message import Command, Event

ABOUT = "proposal"


class DropOut(Command, roles=HELPERS):
    """The person who had accepted a proposal (`subject`), and who sends this, cannot come."""

    reason: FreeText
    channel: Channel


class ReplacePerson(Command, roles=PROVIDERS):
    """The organisation asks another person in place of the one who had accepted the proposal (`subject`).

    `person` is the other person, `by` the id of the proposal to them.
    """

    by: EntityId
    person: PersonId
    reason: FreeText


class ProposalReplaced(Event):
    """`person`, who had accepted, is free again: another person is asked, by the proposal `by`."""

    order: EntityId
    person: PersonId
    by: EntityId


class OrderUnderstaffed(Event, about="order"):
    """`person` does not serve after all; the order lacks `missing` persons."""

    organisation: EntityId
    person: PersonId
    missing: Positive


class ReportNoShow(Command, roles=PROVIDERS):
    """爽约: reports that the person who had accepted the proposal (`subject`) did not come."""

    note: FreeText


class PersonDidNotShow(Event):
    """The person did not come."""

    order: EntityId
    person: PersonId


class StrikeGiven(Event):
    """A strike against a person.

    `number` counts the person's strikes within the window that the rules set. Once it reaches the number in the rules, the
    person is not asked until `paused_until`.
    """

    order: EntityId
    person: PersonId
    reason: Annotated[Literal["no_show", "late_drop_out"], Field(examples=["no_show"])]
    number: Positive
    paused_until: Time | None = None


class PersonCheckedIn(Event, about="order"):
    """One more of the persons who serve the order together has arrived."""

    organisation: EntityId
    person: PersonId


class CheckOut(Command, roles=HELPERS):
    """The person who serves leaves; `subject` is the id of the order."""

    channel: Channel


class PersonCheckedOut(Event, about="order"):
    """The person has left, after `minutes` minutes."""

    organisation: EntityId
    person: PersonId
    minutes: Count


class HoursEntered(Event):
    """One line of the ledger of hours; `subject` is the id of the proposal, whose lines `number` counts."""

    order: EntityId
    organisation: EntityId
    person: PersonId
    duty: Duty
    kind: HourKind
    minutes: Minutes
    number: Positive


class EnterHours(Command, roles=PROVIDERS):
    """Enters hours besides the service itself, once for each kind; `subject` is the id of the proposal."""

    kind: HourKind
    minutes: Minutes
    note: FreeText


class CorrectHours(Command, roles=BRANCH_AND_PROVIDERS):
    """Reverses the entry of this kind and enters it anew; 0 minutes: reverses only. `subject` is the id of the proposal."""

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
