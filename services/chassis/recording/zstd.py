"""Recordings packed by zstd (`FILE.ndjson.zst`): packed while they are written, unpacked while they are read."""

import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

SUFFIX = ".zst"
MAGIC = b"\x28\xb5\x2f\xfd"
FRAME = 1 << 22
"""How many bytes of text a frame holds before the next one begins. What is damaged spoils the rest of its frame alone."""
MOST_UNPACKED = 1 << 18
"""How many bytes are unpacked at once."""
Damaged = zstd.ZstdError
"""Raised by `unpacked` for data that is no zstd."""


class CutOff(Exception):
    """The packed data ends in the middle of a frame. What it holds up to there was read."""


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text in packed pieces. Raises Damaged, and at the end CutOff."""
    unpacking = zstd.ZstdDecompressor()
    begun = False
    for piece in pieces:
        rest = piece
        while rest or not (unpacking.needs_input or unpacking.eof):
            yield unpacking.decompress(rest, MOST_UNPACKED)
            begun, rest = not unpacking.eof, b""
            if unpacking.eof:
                rest, unpacking = unpacking.unused_data, zstd.ZstdDecompressor()
    if begun:
        raise CutOff


class PackedFile:
    """Packs what is written. Everything that was written can be read, also before `close`."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.size = out, 0
        self.packing = zstd.ZstdCompressor()

    def write(self, text: bytes) -> None:
        """Writes the text into the present frame."""
        self.size += len(text)
        write_all(self.out, self.packing.compress(text, zstd.ZstdCompressor.FLUSH_BLOCK))
        if self.size >= FRAME:
            self.end()
            self.packing, self.size = zstd.ZstdCompressor(), 0

    def end(self) -> None:
        """Ends the last frame."""
        if self.size:
            write_all(self.out, self.packing.flush())


class PlainFile:
    """Writes text as it is."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out

    def write(self, text: bytes) -> None:
        """Writes the text."""
        write_all(self.out, text)

    def end(self) -> None:
        """Nothing is left to write."""


def write_all(out: BinaryIO, data: bytes) -> None:
    """Writes all bytes into a file without a buffer, which may take fewer at once."""
    rest = memoryview(data)
    while rest:
        rest = rest[out.write(rest) :]
