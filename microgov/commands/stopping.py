"""Ctrl-C and SIGTERM end work in an orderly way."""

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Awaits the work; returns whether ctrl-C or SIGTERM has cancelled it. Outside of the main thread no signal is seen."""
    task, stopped = asyncio.ensure_future(work), False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    with _calling(stop):
        try:
            await task
        except asyncio.CancelledError:
            if not stopped:
                task.cancel()
                raise
    return stopped


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt, as ctrl-C does."""
    if not _is_main():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _calling(what: Any) -> Iterator[None]:
    """The event loop calls `what` for a signal."""
    loop = asyncio.get_running_loop()
    before = {one: signal.getsignal(one) for one in SIGNALS} if _is_main() else {}
    for one in before:
        loop.add_signal_handler(one, what)
    try:
        yield
    finally:
        for one, handler in before.items():
            loop.remove_signal_handler(one)
            signal.signal(one, handler)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
