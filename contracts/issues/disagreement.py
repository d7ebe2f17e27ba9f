"""What is asked and said about a disagreement 分歧, which is an object of its own (domain.md §2.3)."""

from typing import Annotated

from pydantic import Field

from microgov.contracts.fields import EntityId, FreeText, Part, PersonId, Text
from microgov.contracts.issues.vocabulary import CLERKS, CONVENERS
from microgov.contracts.message import Command, Event

CHAIRS = CLERKS | CONVENERS


class Position(Part):
    """What some of those concerned stand for."""

    text: FreeText
    parties: Annotated[list[PersonId], Field(min_length=1, max_length=50)]


EXAMPLE = [{"text": "围起来", "parties": ["p-wang"]}, {"text": "种上花", "parties": ["p-li"]}]
Positions = Annotated[list[Position], Field(min_length=2, max_length=10, examples=[EXAMPLE])]


class RaiseDisagreement(Command, roles=CHAIRS, creates=True):
    """The subject is its id; `session` is where it came up."""

    topic: EntityId
    title: Text
    positions: Positions
    session: EntityId | None = None


class DisagreementRaised(Event):
    issue: EntityId
    topic: EntityId
    title: Text
    positions: Positions
    session: EntityId | None = None


class NarrowDisagreement(Command, roles=CHAIRS):
    """Part of it is out of the way; what `remains` is said."""

    remains: FreeText


class DisagreementNarrowed(Event):
    issue: EntityId
    remains: FreeText


class SettleDisagreement(Command, roles=CHAIRS):
    """They agree."""

    terms: FreeText


class DisagreementSettled(Event):
    issue: EntityId
    terms: FreeText


class MediateDisagreement(Command, roles=CHAIRS):
    """It goes on in a mediation of the same issue, which has been requested."""

    mediation: EntityId


class DisagreementMediated(Event):
    issue: EntityId
    mediation: EntityId


class EscalateDisagreement(Command, roles=CHAIRS):
    """The sub-district is to decide it."""

    reason: FreeText


class DisagreementEscalated(Event):
    issue: EntityId
    reason: FreeText
