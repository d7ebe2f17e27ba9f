"""Messages about a topic 议题 and its resolution (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, Positive, Text, Time, Word
from microgov.contracts.issues.vocabulary import BRANCH, PARTICIPANTS, Channel
from microgov.contracts.message import Command, Event

ABOUT = "topic"


class OpenDeliberation(Command, roles=BRANCH):
    """进入议事: opens deliberation of the issue (`subject`), under a new topic."""

    topic: EntityId
    title: Text


class DeliberationOpened(Event, about="issue"):
    """The issue (`subject`) is deliberated under this topic."""

    topic: EntityId
    title: Text


class ProposeOption(Command, roles=PARTICIPANTS):
    """Proposes a way to settle the topic (`subject`)."""

    option: EntityId
    text: FreeText
    channel: Channel


class OptionProposed(Event):
    """The topic has one more option."""

    issue: EntityId
    option: EntityId
    person: PersonId


class Hazard(Part):
    """A danger that an action item removes: its kind as in `HazardDetected`, and the issue about it, if any."""

    hazard: Annotated[Word, Field(examples=["flying_wires"])]
    issue: EntityId | None = None


class ActionItem(Part):
    """An action item 落实事项 as agreed: the quantity `target` of `unit` until `due`; `replaces`: the hazard it removes."""

    text: FreeText
    unit: Word
    target: Positive
    due: Time
    replaces: Hazard | None = None


class AdoptResolution(Command, roles=BRANCH):
    """Makes the option that carried the resolution on the topic (`subject`), with these action items."""

    option: EntityId
    items: Annotated[list[ActionItem], Field(max_length=50)]


class ResolutionAdopted(Event):
    """There is a resolution; `ActionItemDefined` follows for each of its `items`."""

    issue: EntityId
    option: EntityId
    ballot: EntityId
    items: Annotated[list[EntityId], Field(max_length=50)]


class RejectTopic(Command, roles=BRANCH):
    """Resolves that nothing is done about the topic (`subject`).

    If its issue is being deliberated, the reasons become the result of the issue (`ResultReported`); in any other state they
    only add a deliberation record.
    """

    outcome: Annotated[Literal["agreed_no_action", "not_feasible"], Field(examples=["agreed_no_action"])]
    reasons: FreeText


class TopicRejected(Event):
    """Nothing is done about the topic."""

    issue: EntityId
    ballot: EntityId | None = None
    outcome: Annotated[Literal["agreed_no_action", "not_feasible"], Field(examples=["agreed_no_action"])]
    reasons: FreeText


class DeclareNoConsensus(Command, roles=BRANCH):
    """Ends the topic (`subject`) without consensus; a mediation may follow if all parties consent.

    If its issue is being deliberated, the issue is routed again.
    """

    reasons: FreeText


class ConsensusNotReached(Event):
    """The topic has ended without consensus."""

    issue: EntityId
    ballot: EntityId | None = None
    reasons: FreeText


class DeferTopic(Command, roles=BRANCH):
    """Defers the topic (`subject`) to a later session."""

    reasons: FreeText


class TopicDeferred(Event):
    """The topic waits for a later session."""

    issue: EntityId
    reasons: FreeText


class DeliberationRecorded(Event, about="issue"):
    """议事记录: the issue (`subject`) has been deliberated under this topic; without such a record no issue is closed."""

    topic: EntityId
    ballot: EntityId | None = None
    result: Annotated[Literal["adopted", "rejected", "no_consensus"], Field(examples=["adopted"])]
