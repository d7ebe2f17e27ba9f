"""Secret ballots in a deployment in memory: their keys, their count, and votes that are sealed for them.

Keys and boxes follow from ids, so that the same messages always give the same log: nothing is secret here.
"""

import asyncio
import base64
import hashlib
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from microgov.contracts.issues import SealedChoice
from microgov.contracts.message import Event
from microgov.services.chassis.messages.stamp import Input, reported_id, system_sender
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.edge.teller import Teller
from microgov.services.issues.model import BallotKey
from microgov.testing.deployment.edges import writer_of


def ballot_key(tenant: str, ballot: str) -> bytes:
    """The private key of a secret ballot, which follows from its id."""
    return hashlib.sha256(f"{tenant}/{ballot}/key".encode()).digest()


def sealed(tenant: str, ballot: str, person: str, text: bytes, length: int, nth: int = 1) -> SealedChoice:
    """A vote for a secret ballot in the form that contracts/issues/vote.py describes. `text` is the choice (`one_of` or
    `each` of sealing.py), `length` what `sealing.length_of` says; `nth`: which vote of this person it is.
    """
    public = X25519PrivateKey.from_private_bytes(ballot_key(tenant, ballot)).public_key()
    seed = hashlib.sha512(f"{tenant}/{ballot}/{person}/{nth}".encode()).digest()
    own, nonce = X25519PrivateKey.from_private_bytes(seed[:32]), seed[32:44]
    shared = own.exchange(X25519PublicKey.from_public_bytes(public.public_bytes_raw()))
    cipher = AESGCM(HKDF(hashes.SHA256(), 32, None, sealing.INFO).derive(shared))
    hidden = cipher.encrypt(nonce, text.ljust(length), f"{ballot}/{person}".encode())
    box = base64.urlsafe_b64encode(own.public_key().public_bytes_raw() + nonce + hidden).decode().rstrip("=")
    name = sealing.name_of(sealing.public_of(ballot_key(tenant, ballot)))
    return SealedChoice(kind="sealed", key=name, box=box)


class TellerInMemory:
    """The teller of the service issues, whose keys are made by `ballot_key`. It counts as in production."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self.engine, self.tenant = engine, tenant
        self._facts: list[tuple[str, Event]] = []
        self._teller = Teller(engine, self._told)
        self._has_keys = self._any_key()

    async def _told(self, facts: list[tuple[str, Event]]) -> None:
        self._facts += facts

    def opened(self, ballot: str) -> None:
        """Stores the key of a secret ballot that was opened where the teller looks for it."""
        private = ballot_key(self.tenant, ballot)
        public = sealing.public_of(private)
        with Session(self.engine) as kept:
            kept.add(BallotKey(ballot=ballot, key=sealing.name_of(public), public=public, private=private))
            kept.commit()
        self._has_keys = True

    def reports(self, at: datetime) -> list[Input]:
        """What the teller has to report now: keys, and counts of ballots that have ended."""
        if not self._has_keys:
            return []
        self._facts.clear()
        asyncio.run(self._step())
        self._has_keys = self._any_key()
        writer = writer_of("issues")
        return [
            Input(
                event, ballot, reported_id(self.tenant, writer, ballot, event.TYPE), at, system_sender(writer)
            )
            for ballot, event in self._facts
        ]

    async def _step(self) -> None:
        await self._teller.step()

    def _any_key(self) -> bool:
        """Whether a secret ballot is under way: its key is stored when it is opened, and destroyed after its close."""
        with self.engine.connect() as c:
            return c.execute(select(BallotKey.ballot).limit(1)).first() is not None
