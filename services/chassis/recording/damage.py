"""Finds out what is wrong with the file of a recording, and says it with the line."""

from collections.abc import Sequence
from typing import Any

import orjson

from microgov.services.chassis.log import Stored

MOST_BYTES = 300_000
"""The longest line that is read: a message has at most 262,144 bytes, and its sequence and subject stand beside it."""
PACKED = {b"\x1f\x8b": "gzip (gunzip)", b"PK": "zip (unzip)"}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONFLICT = (b"<<<<<<< ", b"=======", b">>>>>>> ")
EVENT, SEQ = b'{"event":', b',"seq":'
TRAILERS = (b'{"count"', b'{"digests"')
"""The beginnings of a trailer, the one line that may be longer."""


class BadRecording(Exception):
    """The file is not a whole, unchanged, valid recording; the text names the line and what is wrong."""


class Unfinished(BadRecording):
    """The end of the recording is missing; the messages before it are as they were recorded."""


def check_beginning(data: bytes) -> None:
    """Raises BadRecording if a file that begins with these bytes is no text of a recording."""
    if not data.strip():
        raise BadRecording("the file is empty.")
    packed = next((name for mark, name in PACKED.items() if data.startswith(mark)), None)
    if packed:
        raise BadRecording(f"the file is packed by {packed}. Unpack it first.")
    if data.startswith(UTF_16):
        raise BadRecording("the file is UTF-16 text; a recording is UTF-8. Convert it.")


def check_line(n: int, line: bytes) -> None:
    """Raises BadRecording for a line that cannot be part of a recording."""
    if not line.strip():
        raise BadRecording(f"line {n} is blank.")
    if line.startswith(CONFLICT):
        raise BadRecording(
            f"line {n} is a conflict marker of git. Resolve the conflict: take one of the two files."
        )
    if len(line) > MOST_BYTES and n > 1 and not line.startswith(TRAILERS):
        raise BadRecording(f"line {n} has {len(line):,} bytes; a message has 262,144 at most.")
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise BadRecording(f"line {n} is no UTF-8 text (byte {error.start + 1}).") from error


def object_of(n: int, line: bytes, what: str) -> dict[str, Any]:
    """The JSON object in a line. Raises BadRecording."""
    try:
        found = orjson.loads(line)
    except ValueError as error:
        raise BadRecording(f"line {n}, {what}: no JSON: {error}. The file may be cut off there.") from error
    if not isinstance(found, dict):
        raise BadRecording(f"line {n}, {what}: a JSON object is expected.")
    return found


def header_of(line: bytes, format: int) -> str:
    """The tenant that the header names. Raises BadRecording."""
    if line.startswith(EVENT):
        raise BadRecording("line 1 is a message: the header is missing.")
    header = object_of(1, line, "header")
    if header.get("microgov") != format:
        raise BadRecording(f"line 1: not a recording of format {format}.")
    tenant = header.get("tenant")
    if not isinstance(tenant, str) or not tenant:
        raise BadRecording("line 1: the header names no tenant.")
    return tenant


def trailer_of(n: int, line: bytes) -> dict[str, Any]:
    """The trailer in the last line, which is line `n`. Raises BadRecording."""
    _check_whole(n, line)
    trailer = object_of(n, line, "trailer")
    for name, kind in (("count", int), ("sha256", str)):
        if not isinstance(trailer.get(name), kind):
            raise BadRecording(f"line {n}: the trailer has no {name}.")
    for name in ("digests", "states"):
        if not isinstance(trailer.get(name, {}), dict):
            raise BadRecording(f"line {n}: {name} of the trailer is no JSON object.")
    return trailer


def _check_whole(n: int, line: bytes) -> None:
    """Raises Unfinished if the last line shows that the recording was interrupted."""
    if n < 2:
        raise unfinished(0, "header or trailer is missing")
    try:
        orjson.loads(line)
    except ValueError as error:
        if not line.endswith(b"\n"):
            trailer = any(line.startswith(one) or one.startswith(line) for one in TRAILERS)
            what = f"line {n}, trailer: no JSON: {error}" if trailer else f"line {n} is cut off"
            raise unfinished(n - 2, what) from error
    else:
        if line.startswith(EVENT):
            raise unfinished(n - 1, "the trailer is missing")


def unfinished(count: int, why: str) -> Unfinished:
    """The error for a recording that was interrupted after so many messages."""
    return Unfinished(
        f"interrupted after {count} messages: {why}. `microgov log record FILE --resume` goes on where it stopped."
    )


def states_of_trailer(n: int, trailer: dict[str, Any]) -> dict[str, Sequence[tuple[int, dict[str, str]]]]:
    """The states by service. Raises BadRecording."""
    try:
        return {
            name: [
                (int(seq), {str(table): str(total) for table, total in tables.items()})
                for seq, tables in some
            ]
            for name, some in trailer.get("states", {}).items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise BadRecording(f"line {n}: the states of the trailer cannot be read: {error}.") from error


def stored_of(n: int, line: bytes) -> Stored:
    """The message in a line. The event's bytes are cut out unchanged, because they are compared byte by byte. Raises
    BadRecording.
    """
    if line.startswith((b'{"microgov"', *TRAILERS)):
        raise BadRecording(f"line {n} is a header or a trailer: two recordings were joined.")
    end = line.rindex(SEQ) if SEQ in line else 0
    if not line.startswith(EVENT) or not end:
        raise BadRecording(f"line {n} is no message of a recording: event, seq and subject are expected.")
    event, tail = line[len(EVENT) : end], object_of(n, b"{" + line[end + 1 :], "message")
    seq, subject = tail.get("seq"), tail.get("subject")
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 1:
        raise BadRecording(f"line {n}: seq is no whole number from 1 on.")
    if not isinstance(subject, str) or len(subject.split(".", 3)) < 4:
        raise BadRecording(f"line {n}: subject is not log.<tenant>.<writer>.<type>.")
    body = object_of(n, event, "event")
    number = body.get("sequence")
    if not isinstance(number, str) or not number.isdecimal():
        raise BadRecording(f"line {n}: the event has no sequence.")
    return Stored(seq, subject, event)


def unchecked_message(line: bytes) -> Stored:
    """The message in a line that stored_of has checked before."""
    end = line.rindex(SEQ)
    tail = orjson.loads(b"{" + line[end + 1 :])
    return Stored(tail["seq"], tail["subject"], line[len(EVENT) : end])
