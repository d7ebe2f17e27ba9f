"""Quarantine: puts aside messages that cannot be folded, and holds back later messages about the same subject.

The operator decides what happens to a quarantined message: `RetryMessage` calls its handler again, `DiscardMessage` drops
it. After that the held messages are folded in order.
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
from microgov.services.chassis.store.fold_session.session import FoldSession
from microgov.services.chassis.store.quarantine_tables import folding_tables

QUARANTINE_ORDERS = (RetryMessage, DiscardMessage)


class Answer(NamedTuple):
    """A fold's answer to one message: the message that was folded, the cause of its events (the message itself, or the order
    that retried it), and the events. Their bytes are made later, while the database is writing the rows.
    """

    parsed: Parsed
    cause: AnyMessage
    said: list[Said]


class _Retried(NamedTuple):
    answer: Answer
    failed: bool


class Isolating(ABC):
    """The part of a fold that quarantines messages and releases held ones.

    `blocked` (a parameter of the methods) is the set of subjects that have quarantined or held messages. `release_most`
    limits how many held messages one order releases; only the trials of suspects.py set it. `released` lists the messages
    that the last order released.
    """

    condemned: dict[int, str]

    def __init__(self, service: Service) -> None:
        self.service = service
        self.quarantined, self.held = folding_tables(service.base.metadata)
        self.release_most: int | None = None
        self.released: list[Parsed] = []

    @abstractmethod
    def _fold_one(self, s: FoldSession, parsed: Parsed, blocked: set[str]) -> list[Answer]:
        """Folds one message; returns the answers to it and to the held messages that it releases."""

    @abstractmethod
    def _call_handler(self, s: FoldSession, parsed: Parsed, m: AnyMessage) -> Answer:
        """Calls the handler and returns its answer."""

    @abstractmethod
    def _condemned(self, parsed: Parsed) -> str | None:
        """The quarantine code for this message; None if it is not to be quarantined."""

    @abstractmethod
    def _refusal(self, m: AnyMessage, refused: Refused) -> Said:
        """The event that informs the sender of a refusal."""

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
        """Puts the message into the table `held`, behind the quarantined message about the same subject."""
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

    def _handle_order(self, s: FoldSession, order: Parsed, blocked: set[str]) -> list[Answer]:
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
            retried = self._retry(s, parsed, order, blocked)
            said.append(retried.answer)
            if retried.failed:
                return said
        s.conn.execute(table.delete().where(table.c.seq == seq))
        return said + self._release(s, row.subject, blocked)

    def _retry(self, s: FoldSession, parsed: Parsed, order: Parsed, blocked: set[str]) -> _Retried:
        """Folds the quarantined message again, with the recordedtime of the retry. Its handler may fail, or kill the
        process, again.
        """
        m = order.m
        code = (
            self._condemned(order) or self.condemned.get(parsed.stored.seq) or (parsed.broken and "not_valid")
        )
        if code:
            return _Retried(self._quarantine(s, parsed, m, code, blocked), True)
        times = {"recordedtime": m.recordedtime, "time": m.recordedtime, "traceparent": m.traceparent}
        return _Retried(self._call_handler(s, parsed, parsed.m.model_copy(update=times)), False)

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
            said += self._fold_one(s, parsed, blocked)
        return said
