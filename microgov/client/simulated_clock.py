"""Moves a simulated clock from deadline to deadline, so that weeks pass in seconds and no deadline is skipped."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from microgov.client.connection import Declined, Silent
from microgov.client.operator import at_rest
from microgov.client.publisher import Client
from microgov.contracts.log import Progress, SetClock
from microgov.services.chassis.errors import Problem

PACE, PATIENCE = 0.02, 60.0
"""Seconds between two questions to the services, and the most seconds to wait for them."""


async def now(client: Client) -> datetime:
    """The tenant's time, once its services are at rest. Raises Problem if its log is empty."""
    times = [p.now for p in (await _at_rest(client, 0)).values() if p.now is not None]
    if not times:
        raise Problem(
            f"租户 {client.tenant} 的日志还是空的。", f"The log of tenant {client.tenant} is empty yet."
        )
    return max(times)


async def advance(
    client: Client, to: datetime, on_time: Callable[[datetime], None] = lambda _: None
) -> datetime:
    """Moves the clock to `to`, from deadline to deadline; `on_time` gets each new time. Raises Declined if rejected."""
    known = await _at_rest(client, 0)
    while True:
        step = min([to, *(p.next_due for p in known.values() if p.next_due is not None)])
        receipt = await client.send(SetClock(to=step))
        if receipt.status == "rejected" and receipt.message is not None:
            raise Declined(receipt.code or "", receipt.message)
        known = await _at_rest(client, receipt.log_seq or 0)
        on_time(step)
        if step >= to:
            return step


async def _at_rest(client: Client, after: int) -> dict[str, Progress]:
    """Waits until every service has folded the log beyond the sequence `after` and no deadline is overdue. Raises Silent."""
    until, calm = time.monotonic() + PATIENCE, 0
    with client.waiting.during(
        "正在等待各服务跟上时钟……", "Waiting until every service has caught up with the clock …"
    ):
        while time.monotonic() < until:
            found = await client.progresses(after)
            rested = {
                name: p for name, p in found.items() if p is not None and at_rest(p) and p.position >= after
            }
            calm = calm + 1 if len(rested) == len(found) else 0
            if calm >= 2:
                return rested
            await asyncio.sleep(PACE)
    raise Silent(
        "服务没有跟上时钟。请查看 `microgov status`。",
        "The services do not keep up with the clock. See `microgov status`.",
    )
