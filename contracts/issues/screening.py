"""What is asked and said about a topic on its way in and out: screened 筛选, on the agenda, evaluated (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, PersonId, Role, Text
from microgov.contracts.issues.vocabulary import BRANCH, CLERKS, HELPERS, Channel
from microgov.contracts.message import Command, Event

LIAISON = frozenset({Role.LIAISON_STATION})

Intervention = Annotated[
    Literal["micro_renewal", "landscape_retrofit", "micro_topic"] | None, Field(examples=["micro_renewal"])
]
"""微更新, 景观微改造 or 微议题."""
Ground = Annotated[Literal["duplicate", "unlawful", "not_concrete"], Field(examples=["not_concrete"])]


class ProposeTopic(Command, roles=HELPERS):
    """提议题: somebody wants the issue (the subject) deliberated; the branch screens it."""

    topic: EntityId
    title: Text
    intervention: Intervention = None
    channel: Channel


class TopicProposed(Event):
    issue: EntityId
    title: Text
    person: PersonId
    intervention: Intervention = None


class AdmitTopic(Command, roles=BRANCH):
    """The topic (the subject) is deliberated; whoever proposed it does not screen it."""


class TopicAdmitted(Event):
    issue: EntityId


class RefuseTopic(Command, roles=BRANCH):
    """The topic (the subject) is not deliberated; the proposer is told why. Another topic it repeats is named."""

    ground: Ground
    reasons: FreeText
    same_as: EntityId | None = None


class TopicRefused(Event):
    """`person` proposed it."""

    issue: EntityId
    person: PersonId
    ground: Ground
    reasons: FreeText
    same_as: EntityId | None = None


class PlaceOnAgenda(Command, roles=LIAISON):
    """提上街道议程: the liaison station places the topic (the subject) on the sub-district's agenda."""

    reason: FreeText


class TopicPlacedOnAgenda(Event):
    issue: EntityId
    reason: FreeText


class EvaluateTopic(Command, roles=CLERKS | LIAISON):
    """评估: what was resolved on the topic (the subject) is done; `achieved` what it was for, or not."""

    achieved: bool
    text: FreeText


class TopicEvaluated(Event):
    issue: EntityId
    achieved: bool
    text: FreeText
