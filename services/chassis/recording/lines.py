"""Reads the file of a recording line by line, in memory for one piece of the file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from microgov.services.chassis.recording.damage import MOST_BYTES, TRAILERS, BadRecording, check_beginning
from microgov.services.chassis.recording.zstd import MAGIC, CutOff, Damaged, unpacked

PIECE = 1 << 18
"""How many bytes are read at once."""
UTF_8_MARK = b"\xef\xbb\xbf"


def lines_of(path: Path, progress: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The lines of the file, each with a plain newline at its end; the last one has none if the file ends without.

    A file that is packed by zstd is unpacked. A byte order mark and the carriage returns of Windows are left out. `progress`
    is called with the number of bytes that were read from the file. Raises BadRecording for a file that is no text of a
    recording, at the end CutOff if packed data ends too early, and OSError.
    """
    rest, n, cut = b"", 0, None
    try:
        for piece in _pieces(path, progress):
            *whole, rest = (rest + piece).split(b"\n")
            n += len(whole)
            for line in whole:
                yield (line[:-1] if line.endswith(b"\r") else line) + b"\n"
            if len(rest) > MOST_BYTES and not rest.startswith(TRAILERS):
                raise BadRecording(
                    f"line {n + 1} has more than {MOST_BYTES:,} bytes; a message has 262,144 at most."
                )
    except Damaged as error:
        raise BadRecording(f"the zstd data is damaged after line {n}: {error}.") from error
    except CutOff as error:
        cut = error
    if rest:
        yield rest
    if cut is not None:
        raise cut


def _pieces(path: Path, progress: Callable[[int], None]) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.peek(len(MAGIC)).startswith(MAGIC)
        raw = _raw(file, progress)
        pieces = filter(None, unpacked(raw) if packed else raw)
        first = next(pieces, b"")
        check_beginning(first)
        yield first.removeprefix(UTF_8_MARK)
        yield from pieces


def _raw(file: BinaryIO, progress: Callable[[int], None]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        progress(len(piece))
        yield piece
