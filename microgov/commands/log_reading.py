"""Reads the log of a tenant into a recording, over cuts of the broker."""

import math
import time
from collections.abc import Callable

from microgov.client.publisher import Client
from microgov.client.reconnecting import PATIENCE
from microgov.commands.recordings import writing
from microgov.services.chassis.cancellation import raise_if_cancelled
from microgov.services.chassis.errors import Again, Denied, Problem
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.recording.recorder import Recorder


class LogReading:
    """Adds the messages of the log to `recorder`, which may hold some already. `progress` is called with how many it holds,
    and how many there are.
    """

    def __init__(self, client: Client, recorder: Recorder, progress: Callable[[int, int], None]) -> None:
        self.client, self.recorder, self.progress = client, recorder, progress
        self.at = recorder.last.seq if recorder.last is not None else 0
        self.alive = 0.0

    async def run(self, follow: bool) -> None:
        """Reads until all services are at rest; with `follow` without end. While the broker is away it waits: with `follow`
        as long as it takes, else for a while.

        Raises Problem if the broker stays away, if the log is another one, or if the file cannot be written.
        """
        patience = math.inf if follow else PATIENCE
        while True:
            self.alive = time.monotonic()
            try:
                return await self._read(follow)
            except Denied:
                raise
            except Again:
                if time.monotonic() - self.alive > patience:
                    raise
                await self.client.back(patience)

    async def _read(self, follow: bool) -> None:
        log = JetStreamLog(self.client.bus, self.client.tenant)
        if await log.end() < self.at:
            raise Problem(
                "日志比录制短：消息服务器中的日志不是录制的那一份。",
                "The log is shorter than the recording: the broker holds another one.",
            )
        reader = await log.read(self.at, None)
        while True:
            raise_if_cancelled()
            batch = await reader.batch(1000, 0.3)
            with writing(self.recorder.path):
                self.recorder.add(batch)
            self.at = batch[-1].seq if batch else self.at
            self.progress(self.recorder.count, max(self.recorder.count, await log.end()))
            if not batch and not follow and await self._at_rest(log):
                return

    async def _at_rest(self, log: JetStreamLog) -> bool:
        await self.client.settle()
        return await log.end() == self.at
