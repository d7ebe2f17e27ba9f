"""Messages about a vote in a ballot 表决, open or sealed (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EntityId, Format, Part, PersonId
from microgov.contracts.issues.vocabulary import RESIDENTS_AND_STAFF, Channel, Stance
from microgov.contracts.message import Command, Event

ABOUT = "ballot"


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
    box's own private key and the ballot's public key. The associated data is `<ballot>/<person>`, the id of the
    ballot and that of the person whose vote it is (not of the household, where households vote). So a copy of the box
    under another person's name cannot be decrypted.
    """

    kind: Literal["sealed"]
    key: EntityId
    box: Annotated[
        str, Format(r"^[A-Za-z0-9_-]{1,1024}={0,2}$"), Field(max_length=1024, examples=["c2VhbGVk"])
    ]


class CastVote(Command, roles=RESIDENTS_AND_STAFF):
    """Casts a vote in the ballot (`subject`), or replaces the earlier one.

    With an open choice in a ballot of the kind `each`, `option` is required and repeats the option of the choice. With a
    sealed choice `option` is left out, because it would make public what is encrypted.
    """

    choice: Annotated[OpenChoice | SealedChoice, Field(discriminator="kind")]
    option: Annotated[EntityId | None, Field(examples=["opt-fence"])] = None
    channel: Channel


class Choice(Part):
    """An earlier open choice, which a later vote replaces."""

    option: EntityId
    stance: Stance


class VoteCast(Event):
    """A person has voted; the last vote before the close counts.

    `replaces` is the earlier choice of the same voter (a person, or a household if households vote), which no longer counts:
    in a ballot of the kind `each` the one on the same option.
    """

    person: PersonId
    option: EntityId
    stance: Stance
    replaces: Choice | None = None


class SealedVoteCast(Event):
    """A person has cast a sealed vote; the last vote before the close counts.

    `replaced` says whether it replaces an earlier vote of the same voter (a person, or a household if households vote).
    """

    person: PersonId
    replaced: bool


class RetractVote(Command, roles=RESIDENTS_AND_STAFF):
    """Retracts the sender's vote in the ballot (`subject`); the sender may vote again until the close.

    In an open ballot of the kind `each`, `option` is required, and only the vote on it is retracted. In a secret ballot
    `option` is left out, and the whole sealed vote is retracted.
    """

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
