"""Messages about a proposal 邀约: one person is asked once whether they would serve (domain.md §3.2)."""

from microgov.contracts.fields import EntityId, FreeText, PersonId, Time
from microgov.contracts.matching.vocabulary import HELPERS, PROVIDERS, Channel, Code, Duty
from microgov.contracts.message import Command, Event

ABOUT = "proposal"


class ProposePerson(Command, roles=PROVIDERS, creates=True):
    """The organisation asks a person to serve the order; `subject` is the id of the proposal."""

    order: EntityId
    person: PersonId
    duty: Duty | None = None
    """Left out: `assist`."""


class PersonProposed(Event):
    """A person was asked to serve, and must answer before `expires_at`.

    `code` is a short code by which an answer can refer to the proposal.
    """

    order: EntityId
    organisation: EntityId
    person: PersonId
    code: Code
    expires_at: Time
    duty: Duty | None = None


class AcceptProposal(Command, roles=HELPERS):
    """The person agrees to serve."""

    channel: Channel


class ProposalAccepted(Event):
    """The person serves the order."""

    order: EntityId
    person: PersonId


class DeclineProposal(Command, roles=HELPERS):
    """The person does not want to serve."""

    reason: FreeText | None = None
    channel: Channel


class ProposalDeclined(Event):
    """The person does not serve; somebody else can be asked."""

    order: EntityId
    person: PersonId


class ProposalExpired(Event):
    """The person did not answer in time."""

    order: EntityId
    person: PersonId


class ProposalWithdrawn(Event):
    """The proposal has ended unanswered: enough others serve, or the order was cancelled, has failed, or lost its slot."""

    order: EntityId
    person: PersonId


class ProposalReleased(Event):
    """The person who had accepted is free again.

    The person dropped out; or the order was cancelled, has failed, or lost its slot; or it is done and the person never
    checked in.
    """

    order: EntityId
    person: PersonId
