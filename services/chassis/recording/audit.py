"""Checks a whole log: every writer's numbers have no gaps, ids are unique, causes come before their effects."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

from microgov.services.chassis.installed import fold_names
from microgov.services.chassis.log import Log, Stored, body_of
from microgov.services.chassis.recording.id_set import IdSet

MOST_FINDINGS = 100
NEEDED = frozenset({"id", "sequence", "tenant", "writer", "type", "recordedtime"})


class Audit:
    """Call `take` with each message in order; `findings` then lists what is wrong, 100 findings at most. `first`: the number
    that each writer must begin with (None: any).
    """

    def __init__(self, first: int | None = 1) -> None:
        self.first = first
        self.count = 0
        self.numbers: dict[str, int] = {}
        self.times: dict[str, str] = {}
        self.ids = IdSet()
        self.writers: Counter[str] = Counter()
        self.findings: list[str] = []

    @property
    def clean(self) -> bool:
        """Whether nothing is missing, repeated or out of order."""
        return not self.findings

    def take(self, stored: Stored) -> None:
        """Checks one message of the log."""
        body = body_of(stored)
        _, tenant, writer, kind = stored.subject.split(".", 3)
        self.count += 1
        lacking = sorted(name for name in NEEDED if not isinstance(body.get(name), str))
        if lacking or not isinstance(body.get("causationid"), str | None):
            odd = ", ".join(lacking) or "causationid"
            return self._found(
                f"{stored.seq}: what stands on {stored.subject} is no message: there is no text in {odd}"
            )
        self._number(stored.seq, writer, body)
        if not self.ids.add(body["id"]):
            self._found(f"{stored.seq}: the id {body['id']} stands twice")
        cause = body.get("causationid")
        if cause is not None and cause not in self.ids:
            self._found(f"{stored.seq}: its cause {cause} does not stand before it")
        if (body["tenant"], body["writer"], body["type"]) != (tenant, writer, kind):
            self._found(f"{stored.seq}: stands on {stored.subject}, says {body['writer']} {body['type']}")
        if writer not in fold_names():
            self._time(stored.seq, writer, body["recordedtime"])

    def number(self, seq: int, writer: str, data: bytes) -> None:
        """Checks only the number of a message of another stream (RECEIPT or OUT)."""
        self.count += 1
        body = body_of(Stored(seq, writer, data))
        if "sequence" not in body:
            return self._found(f"{seq}: a message to {writer} cannot be read")
        self._number(seq, writer, body)

    def _number(self, seq: int, writer: str, body: dict[str, Any]) -> None:
        last = self.numbers.get(writer)
        n = int(body["sequence"]) if str(body["sequence"]).isdecimal() else 0
        self.writers[writer] += 1
        wanted = self.first if last is None else last + 1
        if wanted is not None and n > wanted:
            self._found(f"{seq}: {writer} {wanted} to {n - 1} are missing")
        elif wanted is not None and n < wanted:
            self._found(f"{seq}: {writer} {n} stands twice or too late, after {last}")
        self.numbers[writer] = max(n, last or 0)

    def _time(self, seq: int, writer: str, time: str) -> None:
        comparable = (
            time.removesuffix("Z").ljust(26, "0") if "." in time else time.removesuffix("Z") + ".000000"
        )
        if comparable < self.times.get(writer, ""):
            self._found(f"{seq}: the recordedtime of {writer} goes back to {time}")
        self.times[writer] = max(comparable, self.times.get(writer, ""))

    def _found(self, what: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(what)


async def walk(log: Log, end: int | None = None) -> AsyncIterator[Stored]:
    """Yields every message up to the sequence `end` (None: up to the present end of the log). It also ends after 4 s without
    any message.
    """
    last = await log.end() if end is None else end
    reader = await log.read(0, None)
    at, silent = 0, 0
    while at < last and silent < 2:
        batch = await reader.batch(1000, 2.0)
        silent = 0 if batch else silent + 1
        for stored in batch:
            at = stored.seq
            if at <= last:
                yield stored
    await reader.close()


async def check_log(
    log: Log,
    on_progress: Callable[[int, int], None] = lambda at, end: None,
    also: Callable[[Stored], None] = lambda stored: None,
) -> Audit:
    """Checks the whole log. `on_progress` is called with the sequence reached and the log's last sequence; `also` is called
    with each message.
    """
    audit, holds, end = Audit(), await log.holds(), await log.end()
    async for stored in walk(log, end):
        audit.take(stored)
        also(stored)
        if stored.seq % 500 == 0:
            on_progress(stored.seq, end)
    on_progress(end, end)
    if audit.count < holds:
        audit.findings.append(f"the stream says that it holds {holds} messages; {audit.count} can be read")
    return audit
