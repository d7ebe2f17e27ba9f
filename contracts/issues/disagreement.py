"""Messages about a disagreement 分歧 on a topic, which is an entity of its own (domain.md §2.3)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, Text
from microgov.contracts.issues.vocabulary import CLERKS, CONVENERS
from microgov.contracts.message import Command, Event

ABOUT = "disagreement"

CHAIRS = CLERKS | CONVENERS
"""Roles that record disagreements."""


class Position(Part):
    """A position, and the persons who hold it."""

    text: FreeText
    parties: Annotated[list[PersonId], Field(min_length=1, max_length=50)]


EXAMPLE = [{"text": "围起来", "parties": ["p-wang"]}, {"text": "种上花", "parties": ["p-li"]}]
Positions = Annotated[list[Position], Field(min_length=2, max_length=10, examples=[EXAMPLE])]


class RaiseDisagreement(Command, roles=CHAIRS, creates=True):
    """Records a disagreement on a topic; `subject` is its id.

    `session` is the session in which it arose.
    """

    topic: EntityId
    title: Text
    positions: Positions
    session: EntityId | None = None


class DisagreementRaised(Event):
    """A disagreement on the topic is open."""

    issue: EntityId
    topic: EntityId
    title: Text
    positions: Positions
    session: EntityId | None = None


class NarrowDisagreement(Command, roles=CHAIRS):
    """Records that part of the disagreement is settled; `remains` says what is left."""

    remains: FreeText


class DisagreementNarrowed(Event):
    """Part of the disagreement is settled."""

    issue: EntityId
    remains: FreeText


class SettleDisagreement(Command, roles=CHAIRS):
    """Records that the parties agree, on these terms."""

    terms: FreeText


class DisagreementSettled(Event):
    """The disagreement has ended in agreement."""

    issue: EntityId
    terms: FreeText


class MediateDisagreement(Command, roles=CHAIRS):
    """Continues the disagreement in a mediation of the same issue, which has been requested already."""

    mediation: EntityId


class DisagreementMediated(Event):
    """The disagreement is continued in a mediation."""

    issue: EntityId
    mediation: EntityId


class EscalateDisagreement(Command, roles=CHAIRS):
    """Leaves the decision about the disagreement to the sub-district, and so escalates its issue (`IssueEscalated`)."""

    reason: FreeText


class DisagreementEscalated(Event):
    """The sub-district decides about the disagreement."""

    issue: EntityId
    reason: FreeText
