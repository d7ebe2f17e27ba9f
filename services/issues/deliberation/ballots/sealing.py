"""Seals a choice so that only the ballot's private key opens it; contracts/issues/vote.py describes the format.

Publishers use it to seal votes, and the teller to open them. It uses no table and no connection.

    box = seal(public, length, ballot="b-1", person="p-wang", text=one_of("opt-fence"))
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from microgov.contracts.message import canonical

INFO = b"microgov-ballot-v1"
"""The info of HKDF."""
KEY, NONCE, TAG = 32, 12, 16
"""The lengths in bytes of a public key, of the nonce and of the tag."""
LETTERS = {"agree": "a", "disagree": "d", "pass": "p"}
STANCES = {letter: stance for stance, letter in LETTERS.items()}
NONE = "-"
"""The letter for an option on which the person does not vote."""


class Spoiled(Exception):
    """The box holds no valid choice of this person in this ballot."""


def make_key() -> bytes:
    """A new private key, 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> str:
    """The public key that belongs to a private key, as base64url without padding."""
    return _text(X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def name_of(public: str) -> str:
    """The name of a public key: the first 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(_bytes(public)).hexdigest()[:32]


def one_of(option: str) -> bytes:
    """The plain text of a vote for this option."""
    return canonical({"option": option})


def each(options: Sequence[str], stances: Mapping[str, str]) -> bytes:
    """The plain text of a vote with these stances (option → stance); `options` are all options of the ballot, in the order
    of `BallotOpened`.
    """
    return canonical({"stances": "".join(LETTERS.get(stances.get(one, ""), NONE) for one in options)})


def length_of(kind: str, options: Sequence[str]) -> int:
    """The length in bytes of the longest plain text in this ballot; every text is padded to this length."""
    return len(each(options, {})) if kind == "each" else max(len(one_of(option)) for option in options)


def size_of(length: int) -> int:
    """The number of base64url characters of a box around a text of `length` bytes, without padding."""
    return -(-(KEY + NONCE + length + TAG) * 4 // 3)


def seal(public: str, length: int, ballot: str, person: str, text: bytes) -> str:
    """Encrypts `text` into a box; raises ValueError if it is longer than `length` bytes."""
    if len(text) > length:
        raise ValueError(f"the text has {len(text)} bytes, and in this ballot {length} at most")
    mine, nonce = X25519PrivateKey.generate(), os.urandom(NONCE)
    shared = mine.exchange(X25519PublicKey.from_public_bytes(_bytes(public)))
    hidden = _cipher(shared).encrypt(nonce, text.ljust(length), _about(ballot, person))
    return _text(mine.public_key().public_bytes_raw() + nonce + hidden)


def open_box(private: bytes, ballot: str, person: str, box: str) -> bytes:
    """Decrypts the text in the box; raises Spoiled."""
    try:
        raw = _bytes(box)
        theirs, nonce, hidden = raw[:KEY], raw[KEY : KEY + NONCE], raw[KEY + NONCE :]
        shared = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(theirs)
        )
        return _cipher(shared).decrypt(nonce, hidden, _about(ballot, person))
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise Spoiled(repr(error)) from error


def choices(kind: str, options: Sequence[str], text: bytes) -> list[tuple[str, str]]:
    """The pairs (option, stance) in a text: one pair in a ballot `one_of`, at most one per option in a ballot `each`. Raises
    Spoiled.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Spoiled("no JSON") from error
    name = "stances" if kind == "each" else "option"
    if not isinstance(body, dict) or body.keys() != {name} or not isinstance(body[name], str):
        raise Spoiled(f"not {name} alone")
    return _stances(options, body[name]) if kind == "each" else _option(options, body[name])


def _option(options: Sequence[str], option: str) -> list[tuple[str, str]]:
    if option not in options:
        raise Spoiled("no option of this ballot")
    return [(option, "agree")]


def _stances(options: Sequence[str], letters: str) -> list[tuple[str, str]]:
    if len(letters) != len(options) or not set(letters) <= {*STANCES, NONE}:
        raise Spoiled("not a letter for every option")
    return [
        (option, STANCES[letter]) for option, letter in zip(options, letters, strict=True) if letter != NONE
    ]


def _cipher(shared: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, None, INFO).derive(shared))


def _about(ballot: str, person: str) -> bytes:
    """The associated data of the encryption, so that a box is valid for this ballot and person only."""
    return f"{ballot}/{person}".encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
