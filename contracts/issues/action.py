"""Messages about an action item 落实事项, which a resolution names or the branch defines directly (domain.md §2.3)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import (
    STAFF,
    Count,
    EntityId,
    Format,
    FreeText,
    Part,
    PersonId,
    Positive,
    Role,
    Time,
    Word,
)
from microgov.contracts.issues.topic import ActionItem, Hazard
from microgov.contracts.issues.vocabulary import BRANCH, PARTICIPANTS, Channel
from microgov.contracts.message import Command, Event

ABOUT = "action_item"


class Evidence(Part):
    """A file that shows the result, by reference.

    `sha256` is the hash of its content, which is in no message; `size` is in bytes.
    """

    sha256: Annotated[str, Format(r"^[0-9a-f]{64}$"), Field(max_length=64, examples=["9f" * 32])]
    media_type: Annotated[
        str, Format(r"^[a-z]+/[a-z0-9.+-]+$"), Field(max_length=100, examples=["image/jpeg"])
    ]
    size: Annotated[int, Field(ge=1, le=10_000_000, examples=[183_201])]


Files = Annotated[list[Evidence], Field(min_length=1, max_length=20)]


class DefineActionItem(Command, roles=BRANCH):
    """直接落实: defines an action item of the issue (`subject`) without a resolution; `ActionItemDefined` follows."""

    action: EntityId
    item: ActionItem


class ActionItemDefined(Event):
    """An action item exists and can be claimed or assigned.

    `topic` is the topic of the resolution that names it; an item defined directly has none. `target` is a quantity of
    `unit`, to be reached by `due`; `replaces` is the hazard that it removes.
    """

    issue: EntityId
    topic: EntityId | None = None
    text: FreeText
    unit: Word
    target: Positive
    due: Time
    replaces: Hazard | None = None


class AssignActionItem(Command, roles=BRANCH):
    """指派: assigns the item (`subject`) to a person or to an organisation; exactly one of them is named."""

    person: PersonId | None = None
    organisation: EntityId | None = None


class ActionItemReleased(Event):
    """The item was assigned to somebody else, so `person` or `organisation` need not do it any more."""

    issue: EntityId
    text: FreeText
    person: PersonId | None = None
    organisation: EntityId | None = None


class ActionItemAssigned(Event):
    """The item is assigned to this person or organisation, who is notified."""

    issue: EntityId
    text: FreeText
    due: Time
    person: PersonId | None = None
    organisation: EntityId | None = None


class ClaimActionItem(Command, roles=PARTICIPANTS):
    """认领: the sender takes the item (`subject`) on voluntarily; `ActionItemClaimed` follows."""

    channel: Channel


class ActionItemClaimed(Event):
    """A person has claimed the item."""

    issue: EntityId
    person: PersonId


class ReportActionDone(Command, roles=PARTICIPANTS):
    """Whoever claimed the item or has it assigned reports how much was done; sent again, it corrects the report.

    `done` is a quantity of the item's unit; `at_least`: it is that much or more.
    """

    done: Count
    at_least: bool
    evidence: FreeText
    files: Files | None = None
    channel: Channel


class ActionItemDone(Event):
    """The item was reported done by `person` and can be verified."""

    issue: EntityId
    person: PersonId
    done: Count
    at_least: bool
    files: Files | None = None


VERIFIERS = STAFF | {Role.STAIRWELL_CAPTAIN, Role.DELEGATE, Role.DASAO, Role.PROPERTY_COMPANY}


class VerifyActionItem(Command, roles=VERIFIERS):
    """Confirms that the item is done; the sender has inspected it, and is not the person who did it."""

    note: FreeText
    channel: Channel


class ActionItemVerified(Event):
    """`person` has verified the item; `done` counts as achieved from now on."""

    issue: EntityId
    person: PersonId
    done: Count


class TrackActionItem(Command, roles=BRANCH):
    """Continues the item (`subject`) under the plan `plan`, because it takes longer than the issue may.

    The item then no longer keeps the issue from being closed.
    """

    plan: EntityId
    reason: FreeText


class ActionItemTracked(Event):
    """The item is continued under a plan and no longer keeps its issue open."""

    issue: EntityId
    plan: EntityId
    reason: FreeText
