"""What a start asks the log before it goes on from what the database holds."""

from services.chassis.appender import number_and_id
from services.chassis.books import Position
from services.chassis.errors import LogDiffers
from services.chassis.log import Log
from services.chassis.parsed import read_one


async def check_position(source: Log, stream: str, at: Position) -> None:
    """The stream is not shorter than the position, and holds there the message that the database knows."""
    if at.seq == 0:
        return
    end = await source.end()
    if end < at.seq:
        raise LogDiffers(
            f"{stream} ends at {end}; the database has folded up to {at.seq}. The log has lost its end, or this database "
            "belongs to another log: stop all services; restore the log, or append what it lacks from the outboxes."
        )
    there = await source.get(at.seq)
    if there is not None and number_and_id(there)[1] != at.event_id:
        raise LogDiffers(
            f"{stream} holds {number_and_id(there)[1]} at {at.seq}, the database folded {at.event_id} there: this database "
            "does not belong to this log."
        )


async def own_messages(source: Log, writer: str, first: int) -> tuple[dict[int, str], dict[str, str]]:
    """What a writer said from number `first` on (number → id), and its quarantines (id of the cause → code)."""
    ids: dict[int, str] = {}
    forced: dict[str, str] = {}
    end = await source.end()
    reader = await source.read(0, None)
    seq = 0
    while seq < end:
        for stored in await reader.batch(1000, 1.0):
            seq = stored.seq
            if stored.subject.split(".", 3)[2] != writer:
                continue
            n, id = number_and_id(stored)
            if n >= first:
                ids[n] = id
            if stored.subject.endswith(".log.message_quarantined.v1"):
                m = read_one(stored).m
                forced[str(m.causationid)] = m.data.code
    await reader.close()
    return ids, forced
