"""Checks, in the configuration that the running broker reports, that messages it has acknowledged survive a power cut."""

import json

import nats.errors

from microgov.services.chassis.errors import Again, Denied, LogDiffers
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.gateway.accounts.permissions import SERVERS


async def must_be_durable(bus: Bus) -> None:
    """Raises LogDiffers if `sync_interval: always` is not set: by default a power cut loses up to two minutes of
    acknowledged messages.

    A broker without this project's accounts (in tests) cannot be asked and is accepted. Raises Again if the broker does not
    answer.
    """
    try:
        server = json.loads(await bus.ask(SERVERS, seconds=2.0))
    except Denied:
        return
    except Again as error:
        if isinstance(error.__cause__, nats.errors.NoRespondersError):
            return
        raise
    if not server.get("data", {}).get("jetstream", {}).get("config", {}).get("sync_always", False):
        raise LogDiffers(
            "The broker would lose what it has acknowledged when the power goes: set `sync_interval: always` "
            "in its jetstream block, as in nats.conf of `make up` and of deploy/nats, and start it again."
        )
