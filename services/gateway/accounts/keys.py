"""Makes credentials: nkeys (ed25519 key pairs in NATS's encoding) and random passwords with their hashes."""

import secrets
from base64 import b32encode
from binascii import crc_hqx

import bcrypt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SEED, _USER = 18 << 3, 20 << 3


def new_nkey() -> tuple[str, str]:
    """A seed (`SU…`), which its owner keeps, and the public key (`U…`), by which the server recognises it."""
    raw = secrets.token_bytes(32)
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    return _spelled(bytes([_SEED | _USER >> 5, (_USER & 31) << 3]) + raw), _spelled(bytes([_USER]) + public)


def new_password() -> tuple[str, str]:
    """A password of 200 random bits, and its hash. A costlier hash would add no protection, and the server computes it at
    every connection.
    """
    secret = b32encode(secrets.token_bytes(25)).decode().lower()
    return secret, hashed(secret)


def hashed(secret: str) -> str:
    """The bcrypt hash of a password, which the server stores."""
    return bcrypt.hashpw(secret.encode(), bcrypt.gensalt(rounds=5, prefix=b"2a")).decode()


def _spelled(raw: bytes) -> str:
    return b32encode(raw + crc_hqx(raw, 0).to_bytes(2, "little")).rstrip(b"=").decode()
