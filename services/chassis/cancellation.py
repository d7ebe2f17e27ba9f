"""Cancels tasks reliably: nats-py's flush can swallow a CancelledError, so cancel() is repeated every 3 s until the task
is done.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from microgov.services.chassis.errors import Again

CANCEL_INTERVAL = 3.0


def raise_if_cancelled() -> None:
    """Raises CancelledError if this task was cancelled and a library has swallowed the cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancel_and_wait(*tasks: "asyncio.Task[Any]") -> None:
    """Cancels the tasks; returns when all are done, whatever they raised. If the caller is cancelled meanwhile,
    CancelledError is raised after that.
    """
    told: asyncio.CancelledError | None = None
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        try:
            await asyncio.wait(left, timeout=CANCEL_INTERVAL)
        except asyncio.CancelledError as error:
            told = error
        left = {task for task in left if not task.done()}
    await asyncio.gather(*tasks, return_exceptions=True)
    if told is not None:
        raise told


async def run_together(*parts: Coroutine[Any, Any, None]) -> None:
    """Runs all parts; the first failure cancels the others and is raised. Returns when all have returned. Raises Again if
    a part was cancelled by a library.
    """
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
