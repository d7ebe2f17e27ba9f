"""What is asked and said about a ballot 表决 and the votes in it (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.fields import Count, EntityId, Part, PerMille, PersonId, Positive, Time
from contracts.issues.words import BRANCH, PEOPLE, BallotKind, Channel, Stance
from contracts.message import Command, Event


class OpenBallot(Command, roles=BRANCH, creates=True):
    """The session puts its topic's options to the vote until `closes_at`; the subject is the ballot's id."""

    session: EntityId
    kind: BallotKind
    closes_at: Time


class BallotOpened(Event):
    """`one_of`: a person has one vote; `each`: one for each option. Quorum and majority are those in force now."""

    issue: EntityId
    topic: EntityId
    session: EntityId
    kind: BallotKind
    options: Annotated[list[EntityId], Field(min_length=1, max_length=500)]
    closes_at: Time
    quorum: Positive
    majority_per_mille: PerMille


class OpenChoice(Part):
    """A choice that everybody can read; `stance` is `agree` in a `one_of`."""

    kind: Literal["open"]
    option: EntityId
    stance: Stance


class SealedChoice(Part):
    """A choice encrypted to the ballot's public key `key`, padded to one length in a ballot."""

    kind: Literal["sealed"]
    key: EntityId
    box: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,1024}={0,2}$", max_length=1024, examples=["c2VhbGVk"])]


class CastVote(Command, roles=PEOPLE):
    """A vote in the ballot (the subject); in an `each` it names its option outside the choice too."""

    choice: Annotated[OpenChoice | SealedChoice, Field(discriminator="kind")]
    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class Choice(Part):
    """What somebody had chosen."""

    option: EntityId
    stance: Stance


class VoteCast(Event):
    """The last vote before the close counts; `replaces` is the one that no longer does."""

    person: PersonId
    option: EntityId
    stance: Stance
    replaces: Choice | None = None


class RetractVote(Command, roles=PEOPLE):
    """The person's vote counts no more; in an `each` that on `option`."""

    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class VoteRetracted(Event):
    person: PersonId
    option: EntityId
    stance: Stance


class Tally(Part):
    """The votes in force on one option, and whether it carried: quorum met, and more than the majority for it."""

    option: EntityId
    agree: Count
    disagree: Count
    passed: Count
    carried: bool


class BallotClosed(Event):
    """`people` took part, by a vote in force at the close."""

    issue: EntityId
    topic: EntityId
    session: EntityId
    people: Count
    quorum_met: bool
    tally: Annotated[list[Tally], Field(max_length=500)]
