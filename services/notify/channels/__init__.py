"""The registry of notification channels. CONTRIBUTING.md ("How to add …", a notification channel) lists every step for a new
one, beginning with a class in this folder and a line in `channels`.
"""

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
