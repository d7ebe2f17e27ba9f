"""A fold that folds again what it has answered before, after a rebuild or a crash: its answers are compared with the log.

An answer with another id than the log holds under its number stops the fold. A refusal or a quarantine with another *code*
is counted and shown, since nothing else in the log depends on a code; it stops the fold only if the rebuild is strict.
"""

from dataclasses import dataclass, field

import orjson
from sqlalchemy.engine import Connection

from microgov.contracts.log import CommandRefused, EventIgnored, MessageQuarantined
from microgov.contracts.message import type_in
from microgov.services.chassis.errors import LogDiffers
from microgov.services.chassis.fold.recovery import expected_batch
from microgov.services.chassis.log import Log, Outgoing, id_of, number_of
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.store.rebuild_row import last_rebuild, set_rebuild
from microgov.services.chassis.telemetry import logger

WITH_CODE = frozenset({CommandRefused.TYPE, EventIgnored.TYPE, MessageQuarantined.TYPE})
log = logger("fold")


@dataclass
class Refolding:
    """What the log holds already of the answers of one service.

    `ids`: number of an answer → its id; `codes`: number → code, of refusals and quarantines. `forced`: id of a quarantined
    message, or of the order that retried it → code. `other_codes`: how many codes have differed since the rebuild began.
    """

    service: str
    strict: bool = False
    other_codes: int = 0
    ids: dict[int, str] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    forced: dict[str, str] = field(default_factory=dict)

    def load(self, c: Connection, stream: str) -> None:
        """Loads whether the last rebuild is strict, and how many codes have differed since it began."""
        self.strict, self.other_codes = last_rebuild(c, stream)

    async def read(self, source: Log, first: int, last: int) -> None:
        """Reads the service's answers from number `first` on, and all its quarantines, from the whole log; nothing if the
        number of its last answer, `last`, is lower.
        """
        if last < first:
            return
        end = await source.end()
        reader = await source.read(0, None)
        while reader.taken < end:
            for stored in await expected_batch(reader, 1000):
                if stored.subject.split(".", 3)[2] != self.service:
                    continue
                kind, n = type_in(stored.subject), number_of(stored)
                if n >= first:
                    self.ids[n] = id_of(stored)
                    if kind in WITH_CODE:
                        self.codes[n] = read_one(stored).m.data.code
                if kind == MessageQuarantined.TYPE:
                    m = read_one(stored).m
                    self.forced[str(m.causationid)] = m.data.code
        await reader.close()

    def new(self, c: Connection, stream: str, rows: list[Outgoing]) -> list[Outgoing]:
        """The answers that the log does not hold yet. Stores the count of other codes, if it has risen. Raises LogDiffers.

        Once all of the log's answers are compared, the rebuild has ended, and is strict no longer.
        """
        before = self.other_codes
        fresh = [row for row in rows if not self.said_before(row)]
        if self.other_codes > before or not self.ids:
            self.strict = self.strict and bool(self.ids)
            set_rebuild(c, stream, self.strict, self.other_codes)
        return fresh

    def said_before(self, row: Outgoing) -> bool:
        """Whether the log holds this answer already. Raises LogDiffers if it holds another one under its number, and, in a
        strict rebuild, if it holds another code.
        """
        before, code = self.ids.pop(row.n, None), self.codes.pop(row.n, None)
        if before is not None and before != row.id:
            raise LogDiffers(
                f"Folding again, {self.service} says {row.id} ({row.subject}) as its message {row.n}; the log holds "
                f"{before} there. The code decides differently from what the log holds: put the old code back, or let the "
                "new one ask for rules.behaviour."
            )
        if code is not None:
            self._compare(row, code)
        return before is not None

    def _compare(self, row: Outgoing, recorded: str) -> None:
        now = orjson.loads(row.data)["data"]["code"]
        if now == recorded:
            return
        if self.strict:
            raise LogDiffers(
                f"Folding again, {self.service} refuses with {now} as its message {row.n} ({row.subject}); the log holds "
                f"{recorded} there. The rebuild is strict: put the old code back, or rebuild without --strict."
            )
        self.other_codes += 1
        log.warning(
            "refuses with another code than the log holds",
            service=self.service,
            message=row.id,
            recorded=recorded,
            now=now,
        )
