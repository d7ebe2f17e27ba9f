"""Checks, at the start of a loop, that the log and the database belong together."""

from microgov.services.chassis.errors import Again, LogDiffers
from microgov.services.chassis.log import Log, Reader, Stored, id_of
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
            "belongs to another log: stop all services and restore a backup that holds it (`microgov restore`)."
        )
    there = await source.get(at.seq)
    if there is None:
        raise LogDiffers(
            f"{stream} has no message at {at.seq}, which the database has folded: it is damaged, or has lost what came "
            "before its end. Stop all services and restore a backup that holds it (`microgov restore`)."
        )
    if id_of(there) != at.event_id:
        raise LogDiffers(
            f"{stream} holds {id_of(there)} at {at.seq}, the database folded {at.event_id} there: this database "
            "does not belong to this log."
        )


async def expected_batch(reader: Reader, most: int) -> list[Stored]:
    """Up to `most` messages from a stream that is known to hold more. Raises Again if none comes within 2 s: silence does
    not mean that the stream has ended.
    """
    batch = await reader.batch(most, PATIENCE)
    if not batch:
        raise Again(f"the stream holds more than {reader.taken} messages, and nothing comes")
    return batch
