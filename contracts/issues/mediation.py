"""What is asked and said about a mediation 调解; its content stays in the commands, events tell counts and states alone."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Positive, Role, Time
from microgov.contracts.issues.vocabulary import BRANCH, HELPERS, VISITORS, Channel
from microgov.contracts.message import Command, Event

MEDIATORS = frozenset({Role.DASAO, Role.RESPECTED_LOCAL, Role.SOCIAL_WORKER})
Instrument = Annotated[Literal["informal", "peoples_mediation"], Field(examples=["informal"])]
"""How binding the settlement is to be."""


class RequestMediation(Command, roles=HELPERS):
    """The issue (the subject) is to be mediated between these people; nothing begins before all of them consent."""

    mediation: EntityId
    parties: Annotated[list[PersonId], Field(min_length=2, max_length=20, examples=[["p-wang", "p-zhao"]])]
    instrument: Instrument
    reason: FreeText
    channel: Channel


class MediationRequested(Event):
    """About the mediation; `parties` is their number, who they are stays inside."""

    issue: EntityId
    parties: Positive
    instrument: Instrument


class ConsentToMediation(Command, roles=HELPERS):
    """One of the parties agrees; all of them must."""

    channel: Channel


class MediationConsented(Event):
    issue: EntityId
    consents: Positive
    parties: Positive


class MediationOpened(Event):
    """About the issue: all have consented."""

    mediation: EntityId
    instrument: Instrument


class RefuseMediation(Command, roles=HELPERS):
    """One of the parties does not want it; nothing is held against them."""

    channel: Channel


class MediationRefused(Event):
    issue: EntityId


class AssignMediator(Command, roles=BRANCH):
    """Somebody without a stake: no party, nobody of a party's household, nobody whom the issue concerns."""

    mediator: PersonId


class MediatorAssigned(Event):
    issue: EntityId
    mediator: PersonId


class HoldMediation(Command, roles=MEDIATORS):
    """The mediator sat down with them."""

    note: FreeText


class MediationHeld(Event):
    """`number`: so many times."""

    issue: EntityId
    number: Positive


class SettleMediation(Command, roles=MEDIATORS):
    """What happened, what they agree upon, how and where it is performed, and by when."""

    facts: FreeText
    terms: Annotated[list[FreeText], Field(min_length=1, max_length=20)]
    performance: FreeText
    perform_by: Time


class MediationSettled(Event):
    """`terms` is their number."""

    issue: EntityId
    terms: Count
    perform_by: Time


class FollowUpMediation(Command, roles=VISITORS):
    """回访: somebody other than the mediator looks whether the settlement is performed."""

    performed: bool
    note: FreeText


class MediationFollowedUp(Event):
    """Performed, the mediation is closed; else it is looked at again."""

    issue: EntityId
    performed: bool


class FailMediation(Command, roles=MEDIATORS):
    """No settlement; the parties have been told what else they may do."""

    reason: FreeText
    rights_told: bool


class MediationFailed(Event):
    issue: EntityId


class MediationLapsed(Event):
    """No settlement within the time that the rules give."""

    issue: EntityId


class MediationEnded(Event):
    """About the issue: how it came out."""

    mediation: EntityId
    result: Annotated[Literal["settled", "failed", "lapsed"], Field(examples=["settled"])]
