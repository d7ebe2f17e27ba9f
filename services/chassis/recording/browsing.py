"""Looks into the file of a recording while it is read: nothing has to be whole, and the first message is there at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

from microgov.services.chassis.log import Stored, body_of
from microgov.services.chassis.recording.damage import TRAILERS, BadRecording, header_of, stored_of
from microgov.services.chassis.recording.lines import lines_of
from microgov.services.chassis.recording.recorder import FORMAT
from microgov.services.chassis.recording.zstd import CutOff


def messages_in(path: Path) -> Iterator[Stored]:
    """The messages of the file, in order, each as soon as it is read. Whether the file is whole is not checked (that is
    `microgov log verify`). Raises BadRecording at a line that is no message.
    """
    lines = lines_of(path)
    try:
        header_of(next(lines, b""), FORMAT)
        for n, line in enumerate(lines, 2):
            if line.startswith(TRAILERS):
                return
            yield stored_of(n, line.rstrip(b"\n"))
    except CutOff as error:
        raise BadRecording("the zstd data is cut off at its end.") from error
    raise BadRecording("the trailer is missing, so the file may be cut off.")


def chain_around(messages: Callable[[], Iterator[Stored]], seq: int) -> Iterator[tuple[int, Stored]]:
    """The message at a sequence, the messages that caused it, and all that followed from it, in the order of the log; each
    with its depth: 0 for the input at the beginning. Nothing if there is no such message.

    `messages` begins anew with each call: the causes are looked for first, then what followed.
    """
    depths = _causes(messages(), seq)
    for stored in messages():
        body = body_of(stored)
        id, cause = str(body.get("id")), body.get("causationid")
        if stored.seq > seq and cause in depths and depths[cause] >= depths.get("", 0):
            depths[id] = depths[cause] + 1
        elif stored.seq > seq or id not in depths:
            continue
        yield depths[id], stored


def _causes(messages: Iterator[Stored], seq: int) -> dict[str, int]:
    """The ids of the message at this sequence and of its causes, each with its depth; under "" that of the message."""
    cause_of: dict[str, str | None] = {}
    for stored in messages:
        body = body_of(stored)
        id = str(body.get("id"))
        cause_of[id] = body.get("causationid")
        if stored.seq == seq:
            chain = [id]
            while (cause := cause_of.get(chain[-1])) in cause_of and cause is not None:
                chain.append(cause)
            return {one: depth for depth, one in enumerate(reversed(chain))} | {"": len(chain) - 1}
    return {}
