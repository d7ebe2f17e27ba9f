"""What is asked and said about an action item 落实事项 of a resolution (domain.md §2.3)."""

from contracts.fields import STAFF, Count, EntityId, FreeText, PersonId, Positive, Role, Time, Word
from contracts.issues.words import BRANCH, HELPERS, Channel
from contracts.message import Command, Event


class ActionItemDefined(Event):
    issue: EntityId
    topic: EntityId
    text: FreeText
    unit: Word
    target: Positive
    due: Time


class ClaimActionItem(Command, roles=HELPERS):
    """认领: somebody takes the item (the subject) on, of their own accord."""

    channel: Channel


class ActionItemClaimed(Event):
    issue: EntityId
    person: PersonId


class ReportActionDone(Command, roles=HELPERS):
    """So much of the item's unit was done (`at_least`: or more); sent again, it corrects."""

    done: Count
    at_least: bool
    evidence: FreeText
    channel: Channel


class ActionItemDone(Event):
    issue: EntityId
    person: PersonId
    done: Count
    at_least: bool


VERIFIERS = STAFF | {Role.STAIRWELL_CAPTAIN, Role.DELEGATE, Role.DASAO, Role.PROPERTY_COMPANY}


class VerifyActionItem(Command, roles=VERIFIERS):
    """Somebody else has looked at it and found it done."""

    note: FreeText
    channel: Channel


class ActionItemVerified(Event):
    issue: EntityId
    person: PersonId
    done: Count


class TrackActionItem(Command, roles=BRANCH):
    """It takes longer than the issue: the item (the subject) goes on under the plan `plan`, and the issue may be closed."""

    plan: EntityId
    reason: FreeText


class ActionItemTracked(Event):
    issue: EntityId
    plan: EntityId
    reason: FreeText
