"""Checks, at the start of a loop, that the log and the database belong together."""

from microgov.services.chassis.errors import Again, LogDiffers
from microgov.services.chassis.log import Log, Outgoing, Reader, Stored, id_of, number_of
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.store.bookkeeping import StreamPosition

PATIENCE = 2.0


async def check_position(source: Log, stream: str, at: StreamPosition) -> None:
    """Checks that the stream reaches the position, and that the message there has the id that the database holds. Raises
    LogDiffers.
    """
    if at.seq == 0:
        return
    end = await source.end()
    if end < at.seq:
        raise LogDiffers(
            f"{stream} ends at {end}; the database has folded up to {at.seq}. The log has lost its end, or this database "
            "belongs to another log: stop all services and restore the log from a copy that holds it."
        )
    there = await source.get(at.seq)
    if there is None:
        raise LogDiffers(
            f"{stream} has no message at {at.seq}, which the database has folded: it is damaged, or has lost what came "
            "before its end. Stop all services and restore the log from a copy that holds it."
        )
    if id_of(there) != at.event_id:
        raise LogDiffers(
            f"{stream} holds {id_of(there)} at {at.seq}, the database folded {at.event_id} there: this database "
            "does not belong to this log."
        )


def said_before(expected: dict[int, str], row: Outgoing, service: str) -> bool:
    """For a fold that folds its log again: compares an answer with the id that the log holds under the same number.

    Returns True if they are equal, False if the log holds no message under that number yet. Raises LogDiffers if they
    differ.
    """
    before = expected.pop(row.n, None)
    if before is not None and before != row.id:
        raise LogDiffers(
            f"Folding again, {service} says {row.id} ({row.subject}) as its message {row.n}; the log holds {before} there. "
            "The code decides differently from what the log holds: put the old code back, or let the new one ask for "
            "rules.behaviour."
        )
    return before is not None


async def expected_batch(reader: Reader, most: int) -> list[Stored]:
    """Up to `most` messages from a stream that is known to hold more. Raises Again if none comes within 2 s: silence does
    not mean that the stream has ended.
    """
    batch = await reader.batch(most, PATIENCE)
    if not batch:
        raise Again(f"the stream holds more than {reader.taken} messages, and nothing comes")
    return batch


async def messages_written(source: Log, writer: str, first: int) -> tuple[dict[int, str], dict[str, str]]:
    """Reads the whole log for two dictionaries about a writer: its messages from number `first` on (number → id), and all
    its quarantines (id of the quarantined message, or of the order that retried it → code).
    """
    ids: dict[int, str] = {}
    forced: dict[str, str] = {}
    end = await source.end()
    reader = await source.read(0, None)
    while reader.taken < end:
        for stored in await expected_batch(reader, 1000):
            if stored.subject.split(".", 3)[2] != writer:
                continue
            n = number_of(stored)
            if n >= first:
                ids[n] = id_of(stored)
            if stored.subject.endswith(".log.message_quarantined.v1"):
                m = read_one(stored).m
                forced[str(m.causationid)] = m.data.code
    await reader.close()
    return ids, forced
