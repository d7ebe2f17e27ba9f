"""Tasks are told to end until they have ended: what lies between may swallow a cancellation (nats-py's flush does)."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from microgov.services.chassis.errors import Again

AGAIN = 3.0


def raise_if_cancelled() -> None:
    """Raises the cancellation that somebody on the way has swallowed."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancel_and_wait(*tasks: "asyncio.Task[Any]") -> None:
    """Returns when all have ended, whatever they raised; who is cancelled here is so once they have."""
    told: asyncio.CancelledError | None = None
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        try:
            await asyncio.wait(left, timeout=AGAIN)
        except asyncio.CancelledError as error:
            told = error
        left = {task for task in left if not task.done()}
    await asyncio.gather(*tasks, return_exceptions=True)
    if told is not None:
        raise told


async def run_together(*parts: Coroutine[Any, Any, None]) -> None:
    """The first failure ends all; returns when all have returned. Again where one was cancelled, but not by us."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        left = set(tasks)
        while left:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.cancelled():
                    raise Again("a library has cancelled what waited on it")
                task.result()
    finally:
        await cancel_and_wait(*tasks)
