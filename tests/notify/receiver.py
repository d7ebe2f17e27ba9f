"""A real HTTP server on 127.0.0.1 that receives webhooks and answers well or badly, by the path of the request."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from microgov.services.chassis.cancellation import cancel_and_wait


class Receiver:
    """The server: `paths` are the paths requested so far, `letters` counts requests by the id of the delivery,
    `sent` counts the bytes of the answers.
    """

    def __init__(self) -> None:
        self.letters = Counter[str]()
        self.paths, self.sent, self.url, self.busy = list[str](), 0, "", set[asyncio.Task[None]]()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Called for each connection."""
        task = asyncio.create_task(self.answer(reader, writer))
        self.busy.add(task)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads one request and answers it; cuts the connection afterwards."""
        try:
            await self._answer(reader, writer)
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            length = head.lower().split("content-length:")[1].split("\r\n")[0]
            await reader.readexactly(int(length))
            self.paths.append(path)
            self.letters[head.lower().split("webhook-id: ")[1].split("\r\n")[0]] += 1
            async for part in self.parts(path):
                writer.write(part)
                self.sent += len(part)
                await writer.drain()

    async def parts(self, path: str) -> AsyncIterator[bytes]:
        """The bytes of the answer for this path, part by part."""
        if path == "/garbage":
            yield b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"
        elif path == "/nonsense":
            yield b"SSH-2.0-OpenSSH\r\n\r\n"
        elif path == "/elsewhere":
            yield b"HTTP/1.1 302 Found\r\nLocation: /well\r\nContent-Length: 0\r\n\r\n"
        elif path == "/endless":
            yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            for _ in range(200):
                yield b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        elif path.startswith("/dripping"):
            yield b"HTTP/1.1 200 OK\r\n"
            for n in range(600):
                yield b"X-%d: y\r\n" % n
                await asyncio.sleep(0.05)
        else:
            yield b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens until the block ends."""
    made = Receiver()
    server = await asyncio.start_server(made.accept, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await cancel_and_wait(*made.busy)
