"""What is asked and said about a topic 议题, its session 议事会议 and its resolution (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.fields import Count, EntityId, FreeText, Part, PersonId, Positive, Text, Time, Word
from contracts.issues.words import BRANCH, CLERKS, HELPERS, Channel, Form
from contracts.message import Command, Event


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


class ConveneSession(Command, roles=BRANCH):
    """召集议事: the topic (the subject) is dealt with in this session; online, a window of time is its room."""

    session: EntityId
    kind: Form
    opens_at: Time
    closes_at: Time


class SessionConvened(Event):
    issue: EntityId
    session: EntityId
    kind: Form
    opens_at: Time
    closes_at: Time


class DraftMinutes(Command, roles=CLERKS):
    """The minutes of the session (the subject); drafting again is amending, and takes the signatures back."""

    text: FreeText


class MinutesDrafted(Event):
    topic: EntityId
    text: FreeText
    confirmable_from: Time
    needed: Count


class ConfirmMinutes(Command, roles=HELPERS):
    """Somebody who was present signs the minutes of the session (the subject)."""

    channel: Channel


class MinutesSigned(Event):
    person: PersonId
    signatures: Count


class MinutesConfirmed(Event):
    """Enough of those present have signed; the minutes are public 公示."""

    topic: EntityId
    signatures: Count


class ActionItem(Part):
    """落实事项 as the resolution states it: so much of a unit until a day."""

    text: FreeText
    unit: Word
    target: Positive
    due: Time


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
    ballot: EntityId
    outcome: Annotated[Literal["agreed_no_action", "not_feasible"], Field(examples=["agreed_no_action"])]
    reasons: FreeText


class DeclareNoConsensus(Command, roles=BRANCH):
    """The topic (the subject) ends without one; mediation may follow, with consent."""

    reasons: FreeText


class ConsensusNotReached(Event):
    issue: EntityId
    ballot: EntityId
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
    ballot: EntityId
    result: Annotated[Literal["adopted", "rejected", "no_consensus"], Field(examples=["adopted"])]
