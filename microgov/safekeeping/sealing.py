"""Seals what no log brings back to a recipient whose private key is not on this machine (the file format of `age`).

Whoever takes the machine or the backup can read nothing of it; whoever has the key and the program `age` can, without this
project.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from pathlib import Path

import pyrage

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.recording.zstd import unpacked, zstd

SUFFIX = ".zst.age"
"""The end of the names of sealed files: text that was packed and then sealed."""
BLOCK = 1 << 18


def new_key() -> tuple[str, str]:
    """A new private key, and the recipient that belongs to it."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def recipient_of(private_key: str) -> str:
    """The recipient that belongs to a private key. Raises Problem."""
    return str(_identity(private_key).to_public())


def check_recipient(text: str) -> str:
    """The recipient in a text such as `age1…`. Raises Problem."""
    return str(_recipient(text))


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise Problem(
            "接收者应形如 age1…（`microgov backup key` 会打印）。请改正。",
            "A recipient looks like age1… (`microgov backup key` prints one). Correct it.",
        ) from error


def _identity(private_key: str) -> pyrage.x25519.Identity:
    lines = [line.strip() for line in private_key.splitlines() if not line.startswith("#")]
    try:
        return pyrage.x25519.Identity.from_str("".join(lines))
    except pyrage.IdentityError as error:
        raise Problem(
            "私钥应形如 AGE-SECRET-KEY-1…。请核对文件。",
            "A private key looks like AGE-SECRET-KEY-1…. Check the file.",
        ) from error


def seal(lines: Iterable[bytes], to: Path, recipient: str) -> None:
    """Writes these lines, packed and sealed, into a new file. Nothing of them is on the disk in clear."""
    reading = _Reading(_packed(lines))
    with to.open("xb") as out:
        try:
            pyrage.encrypt_io(reading, out, [_recipient(recipient)])
        except pyrage.EncryptError:
            if reading.error is not None:
                raise reading.error from None  # pyrage would call it its own
            raise
        out.flush()
        os.fsync(out.fileno())


def seal_text(text: bytes, recipient: str) -> bytes:
    """This text, sealed."""
    return bytes(pyrage.encrypt(text, [_recipient(recipient)]))


def opened(path: Path, private_key: str) -> Iterator[bytes]:
    """The text of a sealed file, a piece at a time. Raises Problem if it is sealed to somebody else, or damaged."""
    key = _identity(private_key)
    with tempfile.TemporaryFile() as clear:
        try:
            with path.open("rb") as sealed:
                pyrage.decrypt_io(sealed, clear, [key])
        except (pyrage.DecryptError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of the disk; what pyrage finds behind the header is an OSError without a number
            raise not_opened(str(path)) from error
        clear.seek(0)
        yield from unpacked(iter(lambda: clear.read(BLOCK), b""))


def opened_lines(path: Path, private_key: str) -> Iterator[bytes]:
    """The lines of a sealed file, without their ends. Raises Problem."""
    rest = b""
    for text in opened(path, private_key):
        *whole, rest = (rest + text).split(b"\n")
        yield from whole
    if rest:
        yield rest


def opened_text(sealed: bytes, private_key: str, where: str) -> bytes:
    """The text in these sealed bytes; `where` is named if they cannot be opened. Raises Problem."""
    try:
        return bytes(pyrage.decrypt(sealed, [_identity(private_key)]))
    except pyrage.DecryptError as error:
        raise not_opened(where) from error


def not_opened(where: str) -> Problem:
    """The problem that sealed bytes cannot be opened."""
    return Problem(
        f"{where} 打不开：它是封给另一个接收者的，或已损坏。",
        f"{where} cannot be opened: it is sealed to another recipient, or damaged.",
    )


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    packing = zstd.ZstdCompressor()
    for line in lines:
        yield packing.compress(line)
    yield packing.flush()


class _Reading(RawIOBase):
    """Bytes that are made as they are read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), b""
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # typeshed names its own type of buffers
        while not self._rest:
            piece = self._next()
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _next(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except BaseException as error:
            self.error = error
            raise
