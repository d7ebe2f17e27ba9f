"""What is asked and said about a ballot 表决 and the votes in it (domain.md §2.3)."""

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
    """The session puts its topic's options to the vote until `closes_at`; the subject is the ballot's id.

    In a `secret` one it stays open who took part, and what they chose is sealed.
    """

    session: EntityId
    kind: BallotKind
    closes_at: Time
    secret: bool = False


class BallotOpened(Event):
    """`one_of`: a person has one vote; `each`: one for each option. Quorum and majority are those in force now.

    `secret` is said where it is true; votes can be cast once `BallotKeyMade` has named the key. `electorate` is said
    where households vote, and `majority_of` where a pass stands in the way of a majority.
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
    """The key of a secret ballot (the subject): choices are sealed to `public` under the name `key`.

    `public` is an X25519 public key, 32 bytes as base64url. Every text that is sealed has `length` bytes.
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
    """A choice that only the private key of the ballot opens; `key` names that key, as `BallotKeyMade` does.

    The text is JSON in UTF-8: `{"option":"opt-fence"}` in a `one_of`; in an `each` one box holds all of a person's
    stances, `{"stances":"ad-p"}`, a letter for every option in the order of `BallotOpened`: `a` agree, `d` disagree,
    `p` pass, `-` none. Spaces behind it make it `length` bytes long (`BallotKeyMade`).

    The box is base64url, with or without padding, of: an X25519 public key (32 bytes) made for this box alone, a nonce
    (12), and the text under AES-256-GCM with its tag (16). The key of the cipher is HKDF-SHA256, without salt, with the
    info `microgov-ballot-v1`, of what X25519 makes of the box's own private key and the ballot's public one, 32 bytes.
    The associated data is `<ballot>/<person>` (whose vote it is), so that a box that somebody copies is spoiled.
    """

    kind: Literal["sealed"]
    key: EntityId
    box: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{1,1024}={0,2}$", max_length=1024, examples=["c2VhbGVk"])
    ]


class CastVote(Command, roles=PEOPLE):
    """A vote in the ballot (the subject); in an `each` it names its option outside the choice too.

    Beside a sealed choice no option is named: that would say in the open what the box hides.
    """

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


class SealedVoteCast(Event):
    """The person takes part; the last box before the close counts, and `replaced` one that no longer does."""

    person: PersonId
    replaced: bool


class RetractVote(Command, roles=PEOPLE):
    """The person's vote counts no more; in an `each` that on `option`, in a secret ballot the whole box."""

    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class VoteRetracted(Event):
    person: PersonId
    option: EntityId
    stance: Stance


class SealedVoteRetracted(Event):
    person: PersonId


class Tally(Part):
    """The votes in force on one option, and whether it carried: quorum met, and more than the majority for it.

    Where fewer than five boxes of a secret ballot could be read, the counts are left out.
    """

    option: EntityId
    agree: Count | None = None
    disagree: Count | None = None
    passed: Count | None = None
    carried: bool


class HandTally(Part):
    """Hands up for an option, against it, and for neither; in a `one_of` only for it."""

    option: EntityId
    agree: Count
    disagree: Count
    passed: Count


class RecordHandCount(Command, roles=BRANCH, creates=True):
    """举手表决: the hands of `people` were counted in the session; the subject is the ballot's id.

    At least two `witnesses`, different from each other and from who records it. An option that is not named got no hands.
    """

    session: EntityId
    kind: BallotKind
    people: Count
    tally: Annotated[list[HandTally], Field(min_length=1, max_length=500)]
    witnesses: Witnesses


class HandCountRecorded(Event):
    """Hands were counted; what they come to is said by `BallotClosed`. Quorum and majority are those in force now."""

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
    """The window of a secret ballot is over; the boxes of `people` are in force and will be counted."""

    people: Count


class SecretBallotCounted(Event):
    """What the boxes in force hold. `spoiled` of them could not be read: those people took part, for no option.

    The private key is destroyed once this stands in the log.
    """

    people: Count
    spoiled: Count
    tally: Annotated[list[Tally], Field(max_length=500)]


class BallotClosed(Event):
    """`people` took part, by a vote in force at the close; `spoiled` of them, in a secret ballot, for no option."""

    issue: EntityId
    topic: EntityId
    session: EntityId
    people: Count
    quorum_met: bool
    tally: Annotated[list[Tally], Field(max_length=500)]
    spoiled: Count | None = None
