"""What is asked and said about a proposal 邀约: one person asked once whether they would serve (domain.md §3.2)."""

from microgov.contracts.fields import EntityId, FreeText, PersonId, Time
from microgov.contracts.matching.vocabulary import HELPERS, PROVIDERS, Channel, Code, Duty
from microgov.contracts.message import Command, Event


class ProposePerson(Command, roles=PROVIDERS, creates=True):
    """The organisation asks somebody to serve the order; the subject is the proposal."""

    order: EntityId
    person: PersonId
    duty: Duty | None = None
    """Without one: to assist."""


class PersonProposed(Event):
    """`code` is what a reply names."""

    order: EntityId
    organisation: EntityId
    person: PersonId
    code: Code
    expires_at: Time
    duty: Duty | None = None


class AcceptProposal(Command, roles=HELPERS):
    channel: Channel


class ProposalAccepted(Event):
    order: EntityId
    person: PersonId


class DeclineProposal(Command, roles=HELPERS):
    reason: FreeText | None = None
    channel: Channel


class ProposalDeclined(Event):
    order: EntityId
    person: PersonId


class ProposalExpired(Event):
    order: EntityId
    person: PersonId


class ProposalWithdrawn(Event):
    """Somebody else serves, or the order is off."""

    order: EntityId
    person: PersonId


class ProposalReleased(Event):
    """Who had said yes is free again."""

    order: EntityId
    person: PersonId
