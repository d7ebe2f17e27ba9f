"""A TCP proxy that understands NATS frames: it cuts connections, drops frames of one kind, or delivers nothing."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

PAYLOAD = (b"PUB", b"HPUB", b"MSG", b"HMSG")
SENT = (b"log.", b"in.", b"receipt.", b"out.")
HIGH_WATER = 1 << 16


@dataclass(frozen=True)
class Frame:
    """One command of the protocol: `words` of its first line, and all bytes as `data`."""

    words: list[bytes]
    data: bytes

    @property
    def verb(self) -> bytes:
        return self.words[0].upper() if self.words else b""


def _publish(frame: Frame) -> bool:
    return frame.verb in (b"PUB", b"HPUB") and frame.words[1].startswith(SENT)


def _pull(frame: Frame) -> bool:
    return frame.verb == b"PUB" and b"CONSUMER.MSG.NEXT" in frame.words[1]


def _delivery(frame: Frame) -> bool:
    return frame.verb in (b"MSG", b"HMSG") and any(word.startswith(b"$JS.ACK.") for word in frame.words)


def _ack(frame: Frame) -> bool:
    return (
        frame.verb == b"MSG"
        and not _delivery(frame)
        and b'"stream":"' in frame.data
        and b'"seq":' in frame.data
    )


def _last_delivery(frame: Frame) -> bool:
    return _delivery(frame) and any(w.startswith(b"$JS.ACK.") and w.endswith(b".0") for w in frame.words)


def _status(frame: Frame) -> bool:
    return frame.verb == b"HMSG" and b"NATS/1.0 4" in frame.data


def _answer(frame: Frame) -> bool:
    return frame.verb == b"MSG" and not _delivery(frame)


UP: dict[str, Callable[[Frame], bool]] = {"publishes": _publish, "pulls": _pull}
DOWN: dict[str, Callable[[Frame], bool]] = {
    "acks": _ack,
    "deliveries": _delivery,
    "last deliveries": _last_delivery,
    "statuses": _status,
    "api": _answer,
}
SWALLOWED = (*UP, *DOWN)


@dataclass
class FrameFaults:
    """The faults that the proxy causes now.

    `swallow`: how many frames of each kind are still dropped, each with probability `share`. `cut_answers`: how many
    connections are cut instead of delivering the answer to an append. `stalled`: nothing is delivered. `done` counts.
    """

    swallow: dict[str, int] = field(default_factory=dict)
    share: float = 1.0
    cut_answers: int = 0
    stalled: bool = False
    done: dict[str, int] = field(default_factory=dict)

    def note(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1


class Proxy:
    """Runs in its own thread; a test sets `faults` at any time."""

    def __init__(self, port: int, upstream: int, seed: int = 0) -> None:
        self.port, self.upstream, self.random = port, upstream, random.Random(seed)
        self.faults = FrameFaults()
        self.pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def start(self) -> None:
        """Starts the thread; returns when the proxy listens."""
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(10)

    def _run(self) -> None:
        self.loop.run_forever()
        self.loop.close()

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(self._client, "127.0.0.1", self.port, limit=1 << 20)

    def stop(self) -> None:
        """Cuts all connections and ends the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def _end(self) -> None:
        self.server.close()
        self._abort(list(self.pairs))
        await asyncio.sleep(0.05)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def cut(self) -> None:
        """Cuts every open connection."""
        self.loop.call_soon_threadsafe(lambda: self._abort(list(self.pairs)))

    def end_faults(self) -> None:
        """Ends all faults."""
        self.faults = FrameFaults(done=self.faults.done)

    def _abort(self, pairs: Iterable[tuple[asyncio.StreamWriter, asyncio.StreamWriter]]) -> None:
        for pair in pairs:
            for writer in pair:
                writer.transport.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upward, up = await asyncio.open_connection("127.0.0.1", self.upstream, limit=1 << 20)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, up)
        self.pairs.add(pair)
        try:
            await asyncio.gather(self._pump(reader, up, UP, pair), self._pump(upward, writer, DOWN, pair))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.pairs.discard(pair)
            self._abort([pair])

    async def _pump(
        self,
        source: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        kinds: dict[str, Callable[[Frame], bool]],
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        while True:
            frame = await _frame(source)
            if kinds is DOWN and self.faults.cut_answers and _ack(frame):
                self.faults.cut_answers -= 1
                self.faults.note("cut answers")
                self._abort([pair])
                return
            if self._swallowed(frame, kinds):
                continue
            await self._while_stalled()
            to.write(frame.data)
            if to.transport.get_write_buffer_size() > HIGH_WATER:
                await to.drain()

    async def _while_stalled(self) -> None:
        while self.faults.stalled:  # noqa: ASYNC110  # set from another thread
            await asyncio.sleep(0.02)

    def _swallowed(self, frame: Frame, kinds: dict[str, Callable[[Frame], bool]]) -> bool:
        for name, left in self.faults.swallow.items():
            if left > 0 and name in kinds and kinds[name](frame) and self.random.random() < self.faults.share:
                self.faults.swallow[name] -= 1
                self.faults.note(name)
                return True
        return False


async def _frame(source: asyncio.StreamReader) -> Frame:
    line = await source.readuntil(b"\r\n")
    words = line.split()
    if words and words[0].upper() in PAYLOAD:
        return Frame(words, line + await source.readexactly(int(words[-1]) + 2))
    return Frame(words, line)
