"""Messages that could not be folded are isolated: in quarantine, with all that follows about the same subject held behind.

An operator orders what becomes of them: `RetryMessage` calls the handler again, `DiscardMessage` gives the message up; then
what was held is folded in order.
"""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import sqlalchemy as sa

from microgov.contracts.log import DiscardMessage, MessageQuarantined, RetryMessage
from microgov.contracts.message import Envelope
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import Parsed, read_one
from microgov.services.chassis.model import AnyMessage, Refused, Said, check_role
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.quarantine_tables import folding_tables
from microgov.services.chassis.store.session import FoldSession

MENDING = (RetryMessage, DiscardMessage)


class Answer(NamedTuple):
    """What is said because of one message; the bytes are made later, while the database writes."""

    parsed: Parsed
    cause: AnyMessage
    said: list[Said]


class _Again(NamedTuple):
    answer: Answer
    failed: bool


class Isolating(ABC):
    """The part of a fold that puts aside and takes back. `release_most` limits, in a trial, how much one order releases."""

    condemned: dict[int, str]

    def __init__(self, service: Service) -> None:
        self.service = service
        self.quarantined, self.held = folding_tables(service.base.metadata)
        self.release_most: int | None = None
        self.released: list[Parsed] = []

    @abstractmethod
    def _one(self, s: FoldSession, parsed: Parsed, blocked: set[str]) -> list[Answer]:
        """Folds one message."""

    @abstractmethod
    def _called(self, s: FoldSession, parsed: Parsed, m: AnyMessage) -> Answer:
        """Has the handler answer."""

    @abstractmethod
    def _condemned(self, parsed: Parsed) -> str | None:
        """The code under which it is to be quarantined; None where it is not."""

    @abstractmethod
    def _refusal(self, m: AnyMessage, refused: Refused) -> Said:
        """What is said of a refusal."""

    def _row(self, parsed: Parsed, code: str) -> dict[str, Any]:
        stored = parsed.stored
        return {
            "seq": stored.seq,
            "subject": parsed.m.subject,
            "log_subject": stored.subject,
            "data": stored.data.decode(errors="replace").replace("\0", "\ufffd"),
            "code": code,
        }

    def _hold(self, s: FoldSession, parsed: Parsed) -> None:
        """It waits until what stands before it is mended."""
        s.conn.execute(self.held.insert().values(**self._row(parsed, "")))

    def _quarantine(
        self, s: FoldSession, parsed: Parsed, cause: AnyMessage, code: str, blocked: set[str]
    ) -> Answer:
        table = self.quarantined
        s.conn.execute(table.delete().where(table.c.seq == parsed.stored.seq))
        s.conn.execute(table.insert().values(**self._row(parsed, code)))
        blocked.add(parsed.m.subject)
        fact = MessageQuarantined(
            service=self.service.name, stream_seq=parsed.stored.seq, id=parsed.m.id, code=code
        )
        return Answer(parsed, cause, [Said(fact, parsed.m.subject)])

    def _mend(self, s: FoldSession, order: Parsed, blocked: set[str]) -> list[Answer]:
        m: Envelope[Any] = order.m
        table, seq = self.quarantined, m.data.stream_seq
        row = s.conn.execute(sa.select(table).where(table.c.seq == seq)).first()
        try:
            check_role(m)
            if row is None:
                raise Refused(
                    "not_quarantined",
                    f"{seq} 处没有被隔离的消息。请用 microgov quarantine list 查看。",
                    f"Nothing is quarantined at {seq}. See microgov quarantine list.",
                    "data.stream_seq",
                )
        except Refused as refused:
            return [Answer(order, m, [self._refusal(m, refused)])]
        parsed = read_one(Stored(row.seq, row.log_subject, row.data.encode()))
        said: list[Answer] = []
        if isinstance(m.data, RetryMessage):
            again = self._retried(s, parsed, order, blocked)
            said.append(again.answer)
            if again.failed:
                return said
        s.conn.execute(table.delete().where(table.c.seq == seq))
        return said + self._release(s, row.subject, blocked)

    def _retried(self, s: FoldSession, parsed: Parsed, order: Parsed, blocked: set[str]) -> _Again:
        """The original as cause, at the time of the retry; it may fail again, or kill the process again."""
        m = order.m
        code = (
            self._condemned(order) or self.condemned.get(parsed.stored.seq) or (parsed.broken and "not_valid")
        )
        if code:
            return _Again(self._quarantine(s, parsed, m, code, blocked), True)
        times = {"recordedtime": m.recordedtime, "time": m.recordedtime, "traceparent": m.traceparent}
        return _Again(self._called(s, parsed, parsed.m.model_copy(update=times)), False)

    def _release(self, s: FoldSession, subject: str, blocked: set[str]) -> list[Answer]:
        table, said = self.held, list[Answer]()
        waiting = sa.select(table).where(table.c.subject == subject).order_by(table.c.seq)
        rows = s.conn.execute(waiting).all()
        blocked.discard(subject)
        self.released = []
        for row in rows[: self.release_most]:
            if subject in blocked:
                break
            s.conn.execute(table.delete().where(table.c.seq == row.seq))
            parsed = read_one(Stored(row.seq, row.log_subject, row.data.encode()))
            self.released.append(parsed)
            said += self._one(s, parsed, blocked)
        return said
