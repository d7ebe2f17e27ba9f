"""What is asked and said about a topic 议题 and its resolution (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, Positive, Text, Time, Word
from microgov.contracts.issues.vocabulary import BRANCH, HELPERS, Channel
from microgov.contracts.message import Command, Event


class OpenDeliberation(Command, roles=BRANCH):
    """进入议事: the issue (the subject) becomes a topic."""

    topic: EntityId
    title: Text


class DeliberationOpened(Event):
    topic: EntityId
    title: Text


class ProposeOption(Command, roles=HELPERS):
    """One way to settle the topic (the subject); several people propose several."""

    option: EntityId
    text: FreeText
    channel: Channel


class OptionProposed(Event):
    issue: EntityId
    option: EntityId
    person: PersonId


class Hazard(Part):
    """A danger that an action item takes away: its kind as in `HazardDetected`, and the issue about it, if any."""

    hazard: Annotated[Word, Field(examples=["flying_wires"])]
    issue: EntityId | None = None


class ActionItem(Part):
    """落实事项 as it is agreed: so much of a unit until a day; `replaces` names the hazard that it takes away."""

    text: FreeText
    unit: Word
    target: Positive
    due: Time
    replaces: Hazard | None = None


class AdoptResolution(Command, roles=BRANCH):
    """The option that carried becomes the resolution on the topic (the subject)."""

    option: EntityId
    items: Annotated[list[ActionItem], Field(max_length=50)]


class ResolutionAdopted(Event):
    issue: EntityId
    option: EntityId
    ballot: EntityId
    items: Annotated[list[EntityId], Field(max_length=50)]


class RejectTopic(Command, roles=BRANCH):
    """Nothing is to be done about the topic (the subject); its reasons are the report to those concerned."""

    outcome: Annotated[Literal["agreed_no_action", "not_feasible"], Field(examples=["agreed_no_action"])]
    reasons: FreeText


class TopicRejected(Event):
    issue: EntityId
    ballot: EntityId | None = None
    outcome: Annotated[Literal["agreed_no_action", "not_feasible"], Field(examples=["agreed_no_action"])]
    reasons: FreeText


class DeclareNoConsensus(Command, roles=BRANCH):
    """The topic (the subject) ends without one; mediation may follow, with consent."""

    reasons: FreeText


class ConsensusNotReached(Event):
    issue: EntityId
    ballot: EntityId | None = None
    reasons: FreeText


class DeferTopic(Command, roles=BRANCH):
    """The topic (the subject) is dealt with in a later session."""

    reasons: FreeText


class TopicDeferred(Event):
    issue: EntityId
    reasons: FreeText


class DeliberationRecorded(Event):
    """议事记录: the issue has been deliberated, and this is where."""

    topic: EntityId
    ballot: EntityId | None = None
    result: Annotated[Literal["adopted", "rejected", "no_consensus"], Field(examples=["adopted"])]
