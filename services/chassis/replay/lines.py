"""Reads the file of a recording line by line, in memory for one piece of the file."""

from collections.abc import Callable, Iterator
from pathlib import Path

from microgov.services.chassis.replay.damage import MOST_BYTES, TRAILERS, BadRecording, check_beginning

PIECE = 1 << 18
"""How many bytes are read at once."""
UTF_8_MARK = b"\xef\xbb\xbf"


def lines_of(path: Path, progress: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The lines of the file, each with a plain newline at its end; the last one has none if the file ends without.

    A byte order mark and the carriage returns of Windows are left out. `progress` is called with the number of bytes that
    were read from the file. Raises BadRecording for a file that is no text of a recording, and OSError.
    """
    rest, n = b"", 0
    for piece in _pieces(path, progress):
        *whole, rest = (rest + piece).split(b"\n")
        n += len(whole)
        for line in whole:
            yield (line[:-1] if line.endswith(b"\r") else line) + b"\n"
        if len(rest) > MOST_BYTES and not rest.startswith(TRAILERS):
            raise BadRecording(
                f"line {n + 1} has more than {MOST_BYTES:,} bytes; a message has 262,144 at most."
            )
    if rest:
        yield rest


def _pieces(path: Path, progress: Callable[[int], None]) -> Iterator[bytes]:
    with path.open("rb") as file:
        piece = file.read(PIECE)
        check_beginning(piece)
        yield piece.removeprefix(UTF_8_MARK)
        while piece:
            progress(len(piece))
            yield (piece := file.read(PIECE))
