"""Messages about proposing a topic, screening 筛选 it, placing it on the agenda, and evaluating it (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, PersonId, Role, Text
from microgov.contracts.issues.vocabulary import BRANCH, CLERKS, PARTICIPANTS, Channel
from microgov.contracts.message import Command, Event

ABOUT = "topic"

LIAISON = frozenset({Role.LIAISON_STATION})

Intervention = Annotated[
    Literal["micro_renewal", "landscape_retrofit", "micro_topic"] | None, Field(examples=["micro_renewal"])
]
"""The kind of intervention: 微更新, 景观微改造 or 微议题."""
Ground = Annotated[Literal["duplicate", "unlawful", "not_concrete"], Field(examples=["not_concrete"])]


class ProposeTopic(Command, roles=PARTICIPANTS):
    """提议题: proposes to deliberate the issue (`subject`); the branch then screens the topic."""

    topic: EntityId
    title: Text
    intervention: Intervention = None
    channel: Channel


class TopicProposed(Event):
    """A topic was proposed and waits to be screened."""

    issue: EntityId
    title: Text
    person: PersonId
    intervention: Intervention = None


class AdmitTopic(Command, roles=BRANCH):
    """Admits the topic (`subject`) to deliberation; the sender is not the person who proposed it."""


class TopicAdmitted(Event):
    """The topic is admitted: options can be proposed, and `DeliberationOpened` follows for its issue."""

    issue: EntityId


class RefuseTopic(Command, roles=BRANCH):
    """Refuses the topic (`subject`), with the reasons for the proposer, who is not the sender.

    `same_as` is a topic that it repeats.
    """

    ground: Ground
    reasons: FreeText
    same_as: EntityId | None = None


class TopicRefused(Event):
    """The topic that `person` proposed is not deliberated."""

    issue: EntityId
    person: PersonId
    ground: Ground
    reasons: FreeText
    same_as: EntityId | None = None


class PlaceOnAgenda(Command, roles=LIAISON):
    """提上街道议程: places an undecided topic (`subject`) on the sub-district's agenda, and so escalates its issue."""

    reason: FreeText


class TopicPlacedOnAgenda(Event):
    """The topic is on the sub-district's agenda."""

    issue: EntityId
    reason: FreeText


class EvaluateTopic(Command, roles=CLERKS | LIAISON):
    """评估: records whether the resolution on the topic (`subject`) has achieved its purpose.

    All its action items are verified, or tracked under a plan.
    """

    achieved: bool
    text: FreeText


class TopicEvaluated(Event):
    """The result of the resolution is evaluated."""

    issue: EntityId
    achieved: bool
    text: FreeText
