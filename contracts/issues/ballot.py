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

    `one_of`: a person has one vote; `each`: one for each option. Quorum and majority are those in force at opening.
    `electorate` is given if households vote, and `majority_of` if a pass counts against a majority.
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

    Said by the service's edge, which keeps the private key. `public` is an X25519 public key, 32 bytes as base64url. Every
    text that is encrypted has `length` bytes.
    """

    key: EntityId
    public: PublicKey
    length: TextLength


class OpenChoice(Part):
    """A choice that everybody can read; `stance` is `agree` in a `one_of`."""

    kind: Literal["open"]
    option: EntityId
    stance: Stance


class SealedChoice(Part):
    """A choice that only the private key of the ballot can decrypt; `key` names that key, as in `BallotKeyMade`.

    The text is JSON in UTF-8: `{"option":"opt-fence"}` in a `one_of`; in an `each` one box holds all of a person's stances,
    `{"stances":"ad-p"}`, a letter for every option in the order of `BallotOpened`: `a` agree, `d` disagree, `p` pass, `-`
    none. Spaces at the end make it `length` bytes long (`BallotKeyMade`).

    The box is base64url, with or without padding, of: an X25519 public key (32 bytes) made for this box alone, a nonce
    (12), and the text under AES-256-GCM with its tag (16). The key of the cipher is HKDF-SHA256, without salt, with the
    info `microgov-ballot-v1`, 32 bytes, of the shared secret that X25519 computes from the box's own private key and the
    ballot's public key. The associated data is `<ballot>/<person>` (whose vote it is), so a box that somebody copies cannot
    be decrypted.
    """

    kind: Literal["sealed"]
    key: EntityId
    box: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{1,1024}={0,2}$", max_length=1024, examples=["c2VhbGVk"])
    ]


class CastVote(Command, roles=PEOPLE):
    """A vote in the ballot (the subject); in an `each` ballot it names its option outside the choice as well.

    With a sealed choice no option is named, because that would make public what the box hides.
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
    """A person takes part in a secret ballot; the last box before the close counts.

    `replaced`: an earlier box no longer counts.
    """

    person: PersonId
    replaced: bool


class RetractVote(Command, roles=PEOPLE):
    """Takes the sender's vote back: in an `each` that on `option`, in a secret ballot the whole box."""

    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class VoteRetracted(Event):
    """The person's vote on this option no longer counts."""

    person: PersonId
    option: EntityId
    stance: Stance


class SealedVoteRetracted(Event):
    """The person's box no longer counts."""

    person: PersonId


class Tally(Part):
    """The valid votes on one option, and whether it carried: the quorum is met and the majority is for it.

    The counts are left out if fewer than five boxes of a secret ballot could be read.
    """

    option: EntityId
    agree: Count | None = None
    disagree: Count | None = None
    passed: Count | None = None
    carried: bool


class HandTally(Part):
    """Hands raised for an option, against it, and for neither; in a `one_of` only for it."""

    option: EntityId
    agree: Count
    disagree: Count
    passed: Count


class RecordHandCount(Command, roles=BRANCH, creates=True):
    """举手表决: the hands of `people` were counted in the session; the subject is the ballot's id.

    At least two `witnesses`, different from each other and from the sender. An option that is not named got no hands.
    """

    session: EntityId
    kind: BallotKind
    people: Count
    tally: Annotated[list[HandTally], Field(min_length=1, max_length=500)]
    witnesses: Witnesses


class HandCountRecorded(Event):
    """Hands were counted in a session; `BallotClosed` follows with the result.

    Quorum and majority are those in force now.
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
    """The time for voting in a secret ballot is over; the boxes of `people` will be counted.

    Said by the fold; the service's edge then counts.
    """

    people: Count


class SecretBallotCounted(Event):
    """The result of a secret ballot, as the service's edge has counted it.

    `spoiled` of the boxes could not be read: those people took part without choosing an option. The private key is
    destroyed once this message is in the log.
    """

    people: Count
    spoiled: Count
    tally: Annotated[list[Tally], Field(max_length=500)]


class BallotClosed(Event):
    """The ballot is over, with this result.

    `people` took part by a valid vote at the close, `spoiled` of them in a secret ballot without a readable choice.
    """

    issue: EntityId
    topic: EntityId
    session: EntityId
    people: Count
    quorum_met: bool
    tally: Annotated[list[Tally], Field(max_length=500)]
    spoiled: Count | None = None
