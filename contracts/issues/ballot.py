"""Messages about a ballot 表决 and its result (domain.md §2.3); those about single votes are in vote.py."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, Format, Part, PerMille, PersonId, Positive, Time
from microgov.contracts.issues.vocabulary import BRANCH, BallotKind
from microgov.contracts.message import Command, Event

ABOUT = "ballot"

PublicKey = Annotated[
    str,
    Format(r"^[A-Za-z0-9_-]{43}$"),
    Field(max_length=43, examples=["hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"]),
]
"""An X25519 public key: 32 bytes as base64url without padding."""
Witnesses = Annotated[list[PersonId], Field(min_length=2, max_length=20, examples=[["p-li", "p-chen"]])]
"""Persons who saw a count of hands and can sign the minutes."""
Electorate = Annotated[Literal["household"] | None, Field(examples=["household"])]
"""Who has a vote: `household` if households vote, None if persons vote."""
MajorityOf = Annotated[Literal["taking_part"] | None, Field(examples=["taking_part"])]
"""What a majority is a share of: `taking_part` is all voters who took part, so a pass counts against an option; None is the
votes for and against it.
"""
TextLength = Annotated[int, Field(ge=1, le=700, examples=[40])]
"""A length in bytes of the text in a sealed vote."""


class OpenBallot(Command, roles=BRANCH, creates=True):
    """Puts the options of the session's topic to the vote until `closes_at`; `subject` is the ballot's id.

    In a `secret` ballot it is public who took part, and what they chose is encrypted.
    """

    session: EntityId
    kind: BallotKind
    closes_at: Time
    secret: bool = False


class BallotOpened(Event):
    """Votes can be cast, in a secret ballot once `BallotKeyMade` has named its key.

    In a ballot of the kind `one_of` a voter has one vote, in one of the kind `each` one for each option. `quorum` is the
    number of voters who have to take part. An option needs more than `majority_per_mille` of the votes, and in a ballot
    `one_of` also more votes than every other option. Both are those in force at the opening, and so are `electorate` (given
    if households vote) and `majority_of` (given if a pass counts against an option).
    """

    issue: EntityId
    topic: EntityId
    session: EntityId
    kind: BallotKind
    options: Annotated[list[EntityId], Field(min_length=1, max_length=500)]
    closes_at: Time
    quorum: Positive
    majority_per_mille: PerMille
    secret: bool | None = None
    electorate: Electorate = None
    majority_of: MajorityOf = None


class BallotKeyMade(Event):
    """A secret ballot (`subject`) has a pair of keys, named `key`; votes are encrypted to its public key, `public`.

    The edge of the issues service made the keys and reports this; it keeps the private key. `public` is an X25519 public
    key, 32 bytes as base64url. Before a text is encrypted it is padded with spaces to `length` bytes.
    """

    key: EntityId
    public: PublicKey
    length: TextLength


class Tally(Part):
    """The valid votes on one option: for it (`agree`), against it (`disagree`), and neither (`passed`).

    `carried` says whether the option was accepted: the quorum is met, and the option has the majority. The three counts are
    left out if fewer than five sealed votes of a secret ballot could be read.
    """

    option: EntityId
    agree: Count | None = None
    disagree: Count | None = None
    passed: Count | None = None
    carried: bool


class HandTally(Part):
    """Hands raised for an option (`agree`), against it (`disagree`), and for a pass (`passed`).

    In a ballot of the kind `one_of` hands are raised for an option only, and `disagree` and `passed` are 0.
    """

    option: EntityId
    agree: Count
    disagree: Count
    passed: Count


class RecordHandCount(Command, roles=BRANCH, creates=True):
    """举手表决: hands were counted in the session; `subject` is the ballot's id.

    `people` is how many voters took part (households, if the rules of the session say that households vote). At least
    two `witnesses`, different from each other and from the sender. An option that is not named got no hands.
    """

    session: EntityId
    kind: BallotKind
    people: Count
    tally: Annotated[list[HandTally], Field(min_length=1, max_length=500)]
    witnesses: Witnesses


class HandCountRecorded(Event):
    """Hands were counted in a session; `subject` is the ballot's id. `BallotClosed` with the result follows.

    `people` and `witnesses` as in RecordHandCount; `quorum`, `majority_per_mille`, `electorate` and `majority_of` are those
    in force at the count, as in BallotOpened.
    """

    issue: EntityId
    topic: EntityId
    session: EntityId
    kind: BallotKind
    options: Annotated[list[EntityId], Field(min_length=1, max_length=500)]
    people: Count
    quorum: Positive
    majority_per_mille: PerMille
    witnesses: Witnesses
    electorate: Electorate = None
    majority_of: MajorityOf = None


class SecretBallotEnded(Event):
    """The time for voting in a secret ballot is over; the service's edge then counts the sealed votes.

    `people` is how many voters took part (households, if households vote).
    """

    people: Count


class SecretBallotCounted(Event):
    """The result of a secret ballot, as the service's edge has counted it.

    `people` is how many voters took part (households, if households vote). `spoiled` is how many of their sealed votes could
    not be read; these voters count for the quorum, and their votes for no option. The edge deletes the private key once
    the service has handled this message and closed the ballot.
    """

    people: Count
    spoiled: Count
    tally: Annotated[list[Tally], Field(max_length=500)]


class BallotKeyLost(Event):
    """The service's edge reports that the private key of a secret ballot (`subject`) is gone: nobody can read its votes any
    more.
    """


class BallotToBeRepeated(Event):
    """The ballot is over without a result, because its votes cannot be read; it is to be repeated in another session.

    `people` is how many voters had a vote in force (households, if households vote). `VotesLost` names those who sent them.
    """

    issue: EntityId
    topic: EntityId
    session: EntityId
    people: Count


class VotesLost(Event):
    """These people have voted in a ballot (`subject`) that is to be repeated; a message names a thousand of them at most."""

    issue: EntityId
    people: Annotated[list[PersonId], Field(min_length=1, max_length=1000)]


class BallotClosed(Event):
    """The ballot is over, with this result.

    `people` is how many voters had a vote in force at the close (households, if households vote). In a secret ballot
    the votes of `spoiled` of them could not be read.
    """

    issue: EntityId
    topic: EntityId
    session: EntityId
    people: Count
    quorum_met: bool
    tally: Annotated[list[Tally], Field(max_length=500)]
    spoiled: Count | None = None
