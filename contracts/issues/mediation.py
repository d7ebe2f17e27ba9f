"""Messages about a mediation 调解.

Its content is in the commands alone. Beside ids the data of events holds only counts, the instrument, results, the day of
performance, and the mediator.
"""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Positive, Role, Time
from microgov.contracts.issues.vocabulary import BRANCH, PARTICIPANTS, VISITORS, Channel
from microgov.contracts.message import Command, Event

ABOUT = "mediation"

MEDIATORS = frozenset({Role.DASAO, Role.RESPECTED_LOCAL, Role.SOCIAL_WORKER})
Instrument = Annotated[Literal["informal", "peoples_mediation"], Field(examples=["informal"])]
"""How binding the settlement is: informal, or a people's mediation 人民调解 agreement."""


class RequestMediation(Command, roles=PARTICIPANTS):
    """Asks for a mediation of the issue (`subject`) between these persons; it begins once all of them consent."""

    mediation: EntityId
    parties: Annotated[list[PersonId], Field(min_length=2, max_length=20, examples=[["p-wang", "p-zhao"]])]
    instrument: Instrument
    reason: FreeText
    channel: Channel


class MediationRequested(Event):
    """A mediation (`subject`) was requested; `parties` is the number of persons, who stay confidential."""

    issue: EntityId
    parties: Positive
    instrument: Instrument


class ConsentToMediation(Command, roles=PARTICIPANTS):
    """One of the parties consents; all of them must."""

    channel: Channel


class MediationConsented(Event):
    """One more party has consented: `consents` of `parties`."""

    issue: EntityId
    consents: Positive
    parties: Positive


class MediationOpened(Event, about="issue"):
    """All parties have consented; the issue (`subject`) is in mediation."""

    mediation: EntityId
    instrument: Instrument


class RefuseMediation(Command, roles=PARTICIPANTS):
    """One of the parties does not want the mediation; this has no consequences for them."""

    channel: Channel


class MediationRefused(Event):
    """A party did not consent, so the mediation does not take place."""

    issue: EntityId


class AssignMediator(Command, roles=BRANCH):
    """Assigns a mediator without a stake: no party, nobody of a party's household, nobody whom the issue concerns."""

    mediator: PersonId


class MediatorAssigned(Event):
    """The mediation has a mediator."""

    issue: EntityId
    mediator: PersonId


class HoldMediation(Command, roles=MEDIATORS):
    """The mediator records that a meeting with the parties has taken place."""

    note: FreeText


class MediationHeld(Event):
    """A meeting has taken place; `number` counts the meetings."""

    issue: EntityId
    number: Positive


class SettleMediation(Command, roles=MEDIATORS):
    """Records the settlement: the facts, the terms, how the terms are performed, and by when."""

    facts: FreeText
    terms: Annotated[list[FreeText], Field(min_length=1, max_length=20)]
    performance: FreeText
    perform_by: Time


class MediationSettled(Event):
    """There is a settlement; `terms` is the number of its terms."""

    issue: EntityId
    terms: Count
    perform_by: Time


class FollowUpMediation(Command, roles=VISITORS):
    """回访: somebody other than the mediator records whether the settlement was performed."""

    performed: bool
    note: FreeText


class MediationFollowedUp(Event):
    """The settlement was checked.

    If it was performed, the mediation is closed; otherwise it is checked again.
    """

    issue: EntityId
    performed: bool


class FailMediation(Command, roles=MEDIATORS):
    """The mediator records that there is no settlement.

    `rights_told`: the parties were informed of what else they can do; without that the command is refused.
    """

    reason: FreeText
    rights_told: bool


class MediationFailed(Event):
    """The mediation has ended without a settlement."""

    issue: EntityId


class MediationLapsed(Event):
    """The mediation has ended because there was no settlement in the time that the rules set."""

    issue: EntityId


class MediationEnded(Event, about="issue"):
    """A mediation of the issue (`subject`) has come to its result; one that a party refused never began and has none.

    `settled`: there is a settlement, and whether it is performed is still checked (`FollowUpMediation`).
    """

    mediation: EntityId
    result: Annotated[Literal["settled", "failed", "lapsed"], Field(examples=["settled"])]
