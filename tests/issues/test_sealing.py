"""A sealed vote opens only with the right key, for the right person and ballot, and then to what was sealed."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from microgov.contracts.issues import SealedChoice
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.deliberation.ballots.sealing import Spoiled

IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)
OPTIONS = st.lists(IDS, min_size=1, max_size=500, unique=True)
STANCES = st.sampled_from(["agree", "disagree", "pass"])
PRIVATE = bytes(range(32))
PUBLIC = sealing.public_of(PRIVATE)


def sealed_vote(
    text: bytes = b'{"option":"a"}', length: int = 20, ballot: str = "b-1", person: str = "p-1"
) -> str:
    """The text, padded to the length and sealed for the ballot and the person."""
    return sealing.seal(PUBLIC, length, ballot, person, text)


@given(options=OPTIONS, data=st.data())
def test_a_choice_of_one_option_comes_out_as_it_went_in(options: list[str], data: st.DataObject) -> None:
    option, length = data.draw(st.sampled_from(options)), sealing.length_of("one_of", options)

    box = sealed_vote(sealing.one_of(option), length)

    assert len(box) == sealing.size_of(length)
    assert SealedChoice(kind="sealed", key=sealing.name_of(PUBLIC), box=box)
    assert sealing.choices("one_of", options, sealing.open_box(PRIVATE, "b-1", "p-1", box)) == [
        (option, "agree")
    ]


@given(options=OPTIONS, data=st.data())
def test_a_stance_on_every_option_fits_into_one_box(options: list[str], data: st.DataObject) -> None:
    stances = data.draw(st.dictionaries(st.sampled_from(options), STANCES))
    length = sealing.length_of("each", options)

    box = sealed_vote(sealing.each(options, stances), length)

    assert SealedChoice(kind="sealed", key="k", box=box)
    assert len(box) == sealing.size_of(length)
    assert dict(sealing.choices("each", options, sealing.open_box(PRIVATE, "b-1", "p-1", box))) == stances


def test_boxes_of_one_ballot_have_the_same_length_and_are_all_different() -> None:
    length = sealing.length_of("one_of", ["a", "a-much-longer-option"])

    boxes = [sealed_vote(sealing.one_of(option), length) for option in ("a", "a", "a-much-longer-option")]

    assert len({len(box) for box in boxes}) == 1
    assert len(set(boxes)) == 3


@pytest.mark.parametrize(("ballot", "person"), [("b-2", "p-1"), ("b-1", "p-2")])
def test_a_box_copied_by_another_person_or_into_another_ballot_is_spoiled(ballot: str, person: str) -> None:
    with pytest.raises(Spoiled):
        sealing.open_box(PRIVATE, ballot, person, sealed_vote())


def test_a_box_for_another_key_is_spoiled() -> None:
    with pytest.raises(Spoiled):
        sealing.open_box(sealing.make_key(), "b-1", "p-1", sealed_vote())


def test_a_box_changed_in_any_place_is_spoiled() -> None:
    box = sealed_vote()
    for at in range(len(box)):
        changed = box[:at] + ("A" if box[at] != "A" else "g") + box[at + 1 :]
        with pytest.raises(Spoiled):
            sealing.choices("one_of", ["a"], sealing.open_box(PRIVATE, "b-1", "p-1", changed))


@pytest.mark.parametrize("box", ["", "A", "AAAA", "A" * 100, "=", "\u00e9" * 80])
def test_an_invalid_box_is_spoiled(box: str) -> None:
    with pytest.raises(Spoiled):
        sealing.open_box(PRIVATE, "b-1", "p-1", box)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b'{"option":"c"}',
        b'{"option":1}',
        b'{"option":["a"]}',
        b'{"option":"a","x":1}',
        b"\xff",
        b'{"stances":"a-"}',
        b'{"option":"a"} {"option":"a"}',
        b"[" * 5000,
    ],
)
def test_a_text_that_does_not_name_exactly_one_option_of_the_ballot_is_spoiled(text: bytes) -> None:
    with pytest.raises(Spoiled):
        sealing.choices("one_of", ["a", "b"], text)


@pytest.mark.parametrize(
    "text",
    [
        b'{"stances":"a"}',
        b'{"stances":"aaa"}',
        b'{"stances":"ax"}',
        b'{"stances":["a","d"]}',
        b'{"option":"a"}',
        b"null",
    ],
)
def test_a_text_without_a_valid_character_for_every_option_is_spoiled(text: bytes) -> None:
    with pytest.raises(Spoiled):
        sealing.choices("each", ["a", "b"], text)


def test_a_text_longer_than_the_length_of_the_ballot_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="14 bytes"):
        sealed_vote(length=13)


def test_another_system_can_make_a_box_from_the_contract_alone() -> None:
    """The box is made as the docstring of SealedChoice describes it, without the module under test."""
    mine, nonce = X25519PrivateKey.generate(), b"n" * 12
    theirs = X25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(PUBLIC + "="))
    key = HKDF(hashes.SHA256(), 32, None, b"microgov-ballot-v1").derive(mine.exchange(theirs))
    text = AESGCM(key).encrypt(nonce, b'{"option":"opt-fence"}'.ljust(40), b"b-1/p-1")
    box = base64.urlsafe_b64encode(mine.public_key().public_bytes_raw() + nonce + text).decode()

    opened = sealing.open_box(PRIVATE, "b-1", "p-1", box)

    assert sealing.choices("one_of", ["opt-fence"], opened) == [("opt-fence", "agree")]
