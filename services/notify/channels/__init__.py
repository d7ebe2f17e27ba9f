"""Registry of channels. A new channel is a class in this folder and a line here."""

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx

from microgov.services.notify.channels.outcome import Channel
from microgov.services.notify.channels.webhook import TOTAL, Webhook


def channels(
    client: httpx.AsyncClient, now: Callable[[], datetime], total: float = TOTAL
) -> Mapping[str, Channel]:
    """Channels by their name in `RegisterContact`; an attempt takes at most `total` seconds."""
    return {"webhook": Webhook(client, now, total)}
