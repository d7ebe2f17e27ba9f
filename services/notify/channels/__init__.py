"""The registry of notification channels. For a new channel, add a class to this folder and a line to `channels`."""

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx

from microgov.services.notify.channels.outcome import Channel
from microgov.services.notify.channels.webhook import TOTAL, Webhook


def channels(
    client: httpx.AsyncClient, now: Callable[[], datetime], total: float = TOTAL
) -> Mapping[str, Channel]:
    """Name of the channel in `RegisterContact` → the channel; an attempt takes at most `total` seconds."""
    return {"webhook": Webhook(client, now, total)}
