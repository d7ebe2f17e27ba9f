"""Checks of the supervisor: whether ports are free, processes listen, and services are ready."""

import errno
import http.client
import json
import socket
import time
from collections.abc import Callable, Sequence

from microgov.local.supervisor import Child
from microgov.services.chassis.errors import Problem

CHECK_SECONDS = 0.5
"""The least time between two checks of children that are not ready."""


class UnreadyChildren:
    """Children that run but were not ready in time; `check` calls `on_ready` once, when all of them are ready."""

    def __init__(self, late: Sequence[Child], on_ready: Callable[[], None]) -> None:
        self.late, self.on_ready, self.checked_at, self.reported = list(late), on_ready, 0.0, False

    def check(self) -> None:
        """Checks the children, unless they were checked less than CHECK_SECONDS ago."""
        now = time.monotonic()
        if self.reported or (self.late and now - self.checked_at < CHECK_SECONDS):
            return
        self.checked_at, self.late = now, [child for child in self.late if not child.ready()]
        if not self.late:
            self.reported = True
            self.on_ready()


def must_be_free(port: int) -> None:
    """Raises Problem if this port of 127.0.0.1 is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise Problem(
                f"端口 {port} 已被占用。请停止占用它的程序，或用 MICROGOV_NATS_PORT、MICROGOV_HEALTH_PORT 换端口。",
                f"Port {port} is taken. Stop the program that uses it (`ss -ltnp` names it), or choose others with "
                "MICROGOV_NATS_PORT and MICROGOV_HEALTH_PORT.",
            ) from error


def is_open(port: int) -> bool:
    """Whether a program listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_ready(port: int) -> bool:
    """Whether GET /health on this port answers 200 and `ready`: every tenant is served, and its log is folded to the end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == 200 and bool(json.load(answer)["ready"])
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()
