"""What is asked and said about an action item 落实事项, of a resolution or direct (domain.md §2.3)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    STAFF,
    Count,
    EntityId,
    FreeText,
    Part,
    PersonId,
    Positive,
    Role,
    Time,
    Word,
)
from microgov.contracts.issues.topic import ActionItem, Hazard
from microgov.contracts.issues.vocabulary import BRANCH, HELPERS, Channel
from microgov.contracts.message import Command, Event


class Evidence(Part):
    """A file that shows it, by reference: `sha256` names its content, which stands in no message; `size` in bytes."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64, examples=["9f" * 32])]
    media_type: Annotated[
        str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100, examples=["image/jpeg"])
    ]
    size: Annotated[int, Field(ge=1, le=10_000_000, examples=[183_201])]


Files = Annotated[list[Evidence], Field(min_length=1, max_length=20)]


class DefineActionItem(Command, roles=BRANCH):
    """Direct 直接落实: the issue (the subject) is in action, and this is to be done about it without a resolution."""

    action: EntityId
    item: ActionItem


class ActionItemDefined(Event):
    """`topic` is that of the resolution; a direct one has none."""

    issue: EntityId
    topic: EntityId | None = None
    text: FreeText
    unit: Word
    target: Positive
    due: Time
    replaces: Hazard | None = None


class AssignActionItem(Command, roles=BRANCH):
    """指派: the item (the subject) is for this person or this organisation to do; exactly one of them is named."""

    person: PersonId | None = None
    organisation: EntityId | None = None


class ActionItemReleased(Event):
    """Whoever had claimed it, or had it assigned, need not do it any more: somebody else does."""

    issue: EntityId
    text: FreeText
    person: PersonId | None = None
    organisation: EntityId | None = None


class ActionItemAssigned(Event):
    issue: EntityId
    text: FreeText
    due: Time
    person: PersonId | None = None
    organisation: EntityId | None = None


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
    files: Files | None = None
    channel: Channel


class ActionItemDone(Event):
    issue: EntityId
    person: PersonId
    done: Count
    at_least: bool
    files: Files | None = None


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
