"""After a restore the consumers by which publishers read OUT are paused: events that they may have read before are not
handed out until an operator has decided.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.gateway.accounts.streams import reading_place

OUT, UP_TO, REASON = "OUT", "restored_up_to", "closed_because"
NO_CONSUMER = 10014
FOR_EVER = "2200-01-01T00:00:00Z"
"""Until when a consumer is paused unless somebody ends it; the broker counts in nanoseconds, up to 292 years."""


class Paused(NamedTuple):
    """A publisher whose consumer is paused. `events`: how many that it has not acknowledged are of a time that the restored
    logs reach; `later`: the sequence in OUT of the first one of a later time, or behind the last one.
    """

    publisher: str
    events: int
    later: int


def marks(up_to: datetime) -> dict[str, Any]:
    """What makes a new consumer paused; `up_to`: the greatest recordedtime that the restored logs hold."""
    return {"pause_until": FOR_EVER, "metadata": {UP_TO: up_to.astimezone(UTC).isoformat()}}


async def paused(bus: Bus, publishers: list[str]) -> list[Paused]:
    """The publishers to whom nothing is handed out."""
    found = []
    for publisher in publishers:
        info = await _info(bus, publisher)
        if info is not None and info.get("paused"):
            found.append(await _held(bus, publisher, info))
    return found


async def hand_out(bus: Bus, publisher: str) -> None:
    """Ends the pause."""
    await bus.api(f"CONSUMER.PAUSE.{OUT}.{publisher}", {})


async def close(bus: Bus, one: Paused, reason: str) -> None:
    """Makes the consumer anew behind what it may have read; the reason stays with it."""
    config = reading_place(OUT, one.publisher).as_dict()
    config |= {
        "deliver_policy": "by_start_sequence",
        "opt_start_seq": one.later,
        "metadata": {REASON: reason},
    }
    body = {"stream_name": OUT, "config": config, "action": "create"}
    await bus.api(f"CONSUMER.DELETE.{OUT}.{one.publisher}")
    await bus.api(f"CONSUMER.CREATE.{OUT}.{one.publisher}", body)


async def _info(bus: Bus, publisher: str) -> dict[str, Any] | None:
    try:
        return await bus.api(f"CONSUMER.INFO.{OUT}.{publisher}")
    except ApiError as error:
        if error.code == NO_CONSUMER:
            return None
        raise


async def _held(bus: Bus, publisher: str, info: dict[str, Any]) -> Paused:
    """Counts in OUT, from behind what the publisher has acknowledged."""
    up_to = datetime.fromisoformat(info["config"].get("metadata", {}).get(UP_TO, "9999-12-31T00:00:00+00:00"))
    last = int((await bus.api(f"STREAM.INFO.{OUT}"))["state"]["last_seq"])
    left, count, first_later = int(info["num_pending"]) + int(info["num_ack_pending"]), 0, last + 1
    reader = await JetStreamReader.open(
        bus, OUT, int(info["ack_floor"]["stream_seq"]), [f"out.{publisher}.>"]
    )
    try:
        while left > 0:
            batch = await reader.batch(500, 2.0)
            if not batch:
                break
            left -= len(batch)
            for message in batch:
                if datetime.fromisoformat(orjson.loads(message.data)["time"]) <= up_to:
                    count += 1
                else:
                    first_later = min(first_later, message.seq)
    finally:
        await reader.close()
    return Paused(publisher, count, first_later)
