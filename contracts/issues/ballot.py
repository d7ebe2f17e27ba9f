"""Messages about a ballot 表决 and the votes in it (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, Part, PerMille, PersonId, Positive, Time
from microgov.contracts.issues.vocabulary import BRANCH, PEOPLE, BallotKind, Channel, Stance
from microgov.contracts.message import Command, Event

PublicKey = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{43}$",
        max_length=43,
        examples=["hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"],
    ),
]
Witnesses = Annotated[list[PersonId], Field(min_length=2, max_length=20, examples=[["p-li", "p-chen"]])]
Electorate = Annotated[Literal["household"] | None, Field(examples=["household"])]
MajorityOf = Annotated[Literal["taking_part"] | None, Field(examples=["taking_part"])]
TextLength = Annotated[int, Field(ge=1, le=700, examples=[40])]


class OpenBallot(Command, roles=BRANCH, creates=True):
    """Puts the options of the session's topic to the vote until `closes_at`; the subject is the ballot's id.

    In a `secret` ballot it is public who took part, and what they chose is encrypted.
    """

    session: EntityId
    kind: BallotKind
    closes_at: Time
    secret: bool = False


class BallotOpened(Event):
    """Votes can be cast, in a secret ballot once `BallotKeyMade` has named its key.

    In a ballot of the kind `one_of` a voter has one vote, in one of the kind `each` one for each option. Quorum and
    majority are those in force at opening. `electorate` is given if households vote, and `majority_of` if a pass
    counts against a majority.
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
    """The key of a secret ballot (the subject) exists: choices are encrypted to `public`, which is named `key`.

    The service's edge reports it; the edge keeps the private key. `public` is an X25519 public key, 32 bytes as
    base64url. Every text that is encrypted has `length` bytes.
    """

    key: EntityId
    public: PublicKey
    length: TextLength


class OpenChoice(Part):
    """A choice that everybody can read; in a ballot of the kind `one_of` its `stance` is `agree`."""

    kind: Literal["open"]
    option: EntityId
    stance: Stance


class SealedChoice(Part):
    """A choice that only the private key of the ballot can decrypt; `key` names that key, as in `BallotKeyMade`.

    The encrypted text (the content of `box`) is JSON in UTF-8. In a ballot of the kind `one_of` it is
    `{"option":"opt-fence"}`. In one of the kind `each` it holds all stances of a person, `{"stances":"ad-p"}`, with a
    letter for every option in the order of `BallotOpened`: `a` agree, `d` disagree, `p` pass, `-` none. Spaces at the
    end make it `length` bytes long (`BallotKeyMade`).

    `box` is base64url, with or without padding, of: an X25519 public key (32 bytes) made for this box alone, a nonce
    (12 bytes), and the text encrypted by AES-256-GCM with its tag (16 bytes). The key of the cipher is HKDF-SHA256,
    without salt, with the info `microgov-ballot-v1`, 32 bytes, of the shared secret that X25519 computes from the
    box's own private key and the ballot's public key. The associated data is `<ballot>/<person>` (whose vote it is),
    so a copy of the box under another person's name cannot be decrypted.
    """

    kind: Literal["sealed"]
    key: EntityId
    box: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{1,1024}={0,2}$", max_length=1024, examples=["c2VhbGVk"])
    ]


class CastVote(Command, roles=PEOPLE):
    """A vote in the ballot (the subject).

    In a ballot of the kind `each` it names its option outside the choice as well. With a sealed choice it names no option,
    because that would make public what is encrypted.
    """

    choice: Annotated[OpenChoice | SealedChoice, Field(discriminator="kind")]
    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class Choice(Part):
    """A choice that was made before."""

    option: EntityId
    stance: Stance


class VoteCast(Event):
    """A person has voted; the last vote before the close counts.

    `replaces` is the person's earlier choice, which no longer counts.
    """

    person: PersonId
    option: EntityId
    stance: Stance
    replaces: Choice | None = None


class SealedVoteCast(Event):
    """A person has cast a sealed vote, the last of which counts; `replaced`: an earlier one no longer counts."""

    person: PersonId
    replaced: bool


class RetractVote(Command, roles=PEOPLE):
    """Takes the sender's vote back; in an open ballot of the kind `each` only the vote on `option`."""

    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class VoteRetracted(Event):
    """The person's vote on this option no longer counts."""

    person: PersonId
    option: EntityId
    stance: Stance


class SealedVoteRetracted(Event):
    """The person's sealed vote no longer counts."""

    person: PersonId


class Tally(Part):
    """The valid votes on one option, and whether it carried: the quorum is met and the majority is for it.

    The counts are left out if fewer than five sealed votes of a secret ballot could be read.
    """

    option: EntityId
    agree: Count | None = None
    disagree: Count | None = None
    passed: Count | None = None
    carried: bool


class HandTally(Part):
    """Hands raised for an option, against it, and for neither; in a ballot of the kind `one_of` only for it."""

    option: EntityId
    agree: Count
    disagree: Count
    passed: Count


class RecordHandCount(Command, roles=BRANCH, creates=True):
    """举手表决: hands were counted in the session; the subject is the ballot's id.

    `people` is how many voters took part (households, if the rules of the session say that households vote). At least
    two `witnesses`, different from each other and from the sender. An option that is not named got no hands.
    """

    session: EntityId
    kind: BallotKind
    people: Count
    tally: Annotated[list[HandTally], Field(min_length=1, max_length=500)]
    witnesses: Witnesses


class HandCountRecorded(Event):
    """Hands were counted, as in RecordHandCount, by the quorum and majority in force; `BallotClosed` follows."""

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

    `people` voters took part (households, if households vote). The sealed votes of `spoiled` of them could not be
    read: they took part without choosing an option. The private key is destroyed once this message is in the log.
    """

    people: Count
    spoiled: Count
    tally: Annotated[list[Tally], Field(max_length=500)]


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
