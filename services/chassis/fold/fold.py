"""The fold: messages in, changed rows and new messages out, inside the caller's transaction.

The live service, the tests and the replay use this one class; it uses no broker, no clock and no network. A message is
handled, refused (with an event for the sender) or – if its handler fails – quarantined, while later messages about the
same subject wait in the table `held` (architecture.md §4.6).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.contracts import versions
from microgov.contracts.log import (
    CommandRefused,
    DeadlineReached,
    DiscardMessage,
    EventIgnored,
    RetryMessage,
    SetClock,
)
from microgov.contracts.message import Command, Envelope, Event, Message
from microgov.services.chassis.fold.behaviour import is_known, must_be_known, must_know_rows
from microgov.services.chassis.fold.isolating import QUARANTINE_ORDERS, Answer, Isolating
from microgov.services.chassis.infrastructure import is_infrastructure
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed, kind_of
from microgov.services.chassis.messages.stamp import Draft, EventStamper
from microgov.services.chassis.model import AnyMessage, Refused, Said, check_role
from microgov.services.chassis.service import Handler, Reads, Service, several
from microgov.services.chassis.store.fold_session.bulk import overlapped
from microgov.services.chassis.store.fold_session.identity_map import OnWrite
from microgov.services.chassis.store.fold_session.session import FoldSession

MAX_EVENTS = 20_000
BATCH_EVENTS, BATCH_BYTES = 5_000, 8_000_000


def types_of(service: Service) -> list[str]:
    """The message types that a service's fold reads, in all their versions, sorted."""
    always: list[type[Message]] = [DeadlineReached, RetryMessage, DiscardMessage, SetClock]
    return sorted({name for m in [*service.handlers, *always] for name in versions.types_of(m)})


class ChangedBeforeRefusal(Exception):
    """A handler has changed rows and then refused: a refusal changes nothing, so it has to come first."""


class Fold(Isolating):
    """One service's fold for one tenant.

    `forced`: id of a message → quarantine code, for messages whose quarantine is in the log already; their handler is not
    called. `condemned`: log sequence → quarantine code, for messages to quarantine now. `stopped`: kinds of messages whose
    handler is not called any more (breaker.py). `worked`, if it is a list, collects the messages whose handler did not
    fail. `blocked`: subjects with quarantined or held messages. `at`: the message whose handler is running.
    `strict`: a handler that changes rows before it refuses fails; a replay sets it if it folds one message at a time.
    `most_said`: a transaction ends once it has said so many messages.
    `on_write` is called with all rows that the session writes, `on_session` with the session after that.
    """

    def __init__(self, service: Service, tenant: str, forced: Mapping[str, str] | None = None) -> None:
        self.tenant = tenant
        self.stamper = EventStamper(tenant, service.name)
        self.types = types_of(service)
        super().__init__(service)
        self.hints: dict[type[Message], Reads] = {
            m: handler.reads for m, handler in service.handlers.items() if hasattr(handler, "reads")
        }
        self.forced = dict(forced or {})
        self.condemned: dict[int, str] = {}
        self.stopped: frozenset[str] = frozenset()
        self.worked: list[Parsed] | None = None
        self.blocked: set[str] = set()
        self.at: Parsed | None = None
        self.strict, self.most_said = False, BATCH_EVENTS
        self.on_write: OnWrite | None = None
        self.on_session: Callable[[FoldSession], None] | None = None
        mapped = [m.class_ for m in service.base.registry.mappers]
        self.deadline = next((one for one in mapped if one.__tablename__ == "deadline"), None)

    def open(self, c: Connection) -> None:
        """Loads the subjects that have quarantined or held messages. Raises LogDiffers if a newer release has folded the
        rows.
        """
        must_know_rows(c, self.service.base.metadata)
        self.blocked = set(c.execute(sa.select(self.quarantined.c.subject)).scalars())
        self.blocked |= set(c.execute(sa.select(self.held.c.subject)).scalars())

    def fold(self, c: Connection, batch: Sequence[Parsed]) -> tuple[list[Draft], int]:
        """Folds messages in order, as many as one transaction may hold; returns the new messages, and how many messages
        were folded.

        Raises HandlerFailed; the caller rolls the transaction back and condemns the message. Errors of the database are
        raised as they are.
        """
        blocked = set(self.blocked)
        s = FoldSession(c, self.on_write)
        try:
            answers, count = self._fold(s, batch, blocked)
            with overlapped(c):
                s.write()
                drafts = [draft for answer in answers for draft in self._drafts(answer)]
            if self.on_session is not None:
                self.on_session(s)
        finally:
            self.at = None
            s.close()
        self.blocked = blocked
        return drafts, count

    def _fold(self, s: FoldSession, batch: Sequence[Parsed], blocked: set[str]) -> tuple[list["Answer"], int]:
        self._load(s, batch)
        answers: list[Answer] = []
        said = size = count = 0
        for parsed in batch:
            if count and not is_known(parsed):
                break
            must_be_known(parsed)
            self.at = parsed
            try:
                some = self._fold_one(s, parsed, blocked)
            except HandlerFailed as failed:
                failed.during = parsed
                raise
            said += sum(len(answer.said) for answer in some)
            answers += some
            count += 1
            size += len(parsed.stored.data)
            if said >= self.most_said or size >= BATCH_BYTES:
                break
        return answers, count

    def _drafts(self, answer: "Answer") -> list[Draft]:
        try:
            return self.stamper.because_of(answer.cause, answer.said)
        except Exception as error:
            raise HandlerFailed(answer.parsed, error) from error

    def _load(self, s: FoldSession, batch: Sequence[Parsed]) -> None:
        """Loads the rows that the handlers name with `reads`, one query per table; then the rows whose keys these rows
        hold, and so on.
        """
        hints = [(self.hints.get(type(p.m.data)), p.m) for p in batch if not p.broken]
        known = [(hint, m) for hint, m in hints if hint is not None]
        s.load(key for hint, m in known for key in hint.first(m))
        for at in range(max((len(hint.then) for hint, _ in known), default=0)):
            s.load([key for hint, m in known if len(hint.then) > at for key in hint.then[at](m, s)])

    def _fold_one(self, s: FoldSession, parsed: Parsed, blocked: set[str]) -> list["Answer"]:
        m = parsed.m
        if type(m.data) in QUARANTINE_ORDERS and parsed.broken is None:
            return self._handle_order(s, parsed, blocked) if m.data.service == self.service.name else []
        if blocked and m.subject in blocked:
            self._hold(s, parsed)
            return []
        code = self._condemned(parsed)
        if code is not None:
            return [self._quarantine(s, parsed, m, code, blocked)]
        return [self._call_handler(s, parsed, m)]

    def _condemned(self, parsed: Parsed) -> str | None:
        code = self.forced.get(parsed.m.id) or self.condemned.get(parsed.stored.seq)
        if code is None and self.stopped and kind_of(parsed) in self.stopped:
            return "handler_stopped"
        return code or ("not_valid" if parsed.broken is not None else None)

    def _call_handler(self, s: FoldSession, parsed: Parsed, m: AnyMessage) -> "Answer":
        try:
            said = self._answers(s, m)
            if len(said) > MAX_EVENTS:
                raise ValueError(f"{len(said)} messages from one; {MAX_EVENTS} are allowed")
            if self.worked is not None:
                self.worked.append(parsed)
            return Answer(parsed, m, said)
        except BaseException as error:  # BaseException: sys.exit in a handler must not end the process
            if is_infrastructure(error):
                raise
            raise HandlerFailed(parsed, error) from error

    def _answers(self, s: FoldSession, m: AnyMessage) -> list[Said]:
        """The events that the handler returns, or its refusal. Nothing has to be undone after a refusal, because a handler
        refuses before it changes anything.
        """
        kind = type(m.data)
        if kind is DeadlineReached:
            return list(self._due(s, m))
        handler = self.service.handlers.get(kind)
        said: list[Said] = []
        if self.strict:
            s.write()
        try:
            if handler is not None:
                check_role(m)
                said.extend(several(handler(m, s)))
        except Refused as refused:
            if self.strict and (changed := s.has_changes()):
                raise ChangedBeforeRefusal(
                    f"rows of {', '.join(changed)} were changed before the refusal"
                ) from refused
            said.append(self._refusal(m, refused))
        return said

    def _refusal(self, m: AnyMessage, refused: Refused) -> Said:
        told: type[CommandRefused | EventIgnored]
        if isinstance(m.data, Command):
            told = CommandRefused
        elif isinstance(m.data, Event) and m.data.ROLES:
            told = EventIgnored
        else:
            raise RuntimeError(f"a handler refused the fact {m.type}: {refused}") from refused
        return Said(
            told(
                service=self.service.name,
                command_id=m.id,
                command_type=m.type,
                code=refused.code,
                field=refused.field,
                message=refused.words,
            ),
            m.subject,
        )

    def _due(self, s: FoldSession, m: Envelope[DeadlineReached]) -> Iterator[Said]:
        if m.data.service != self.service.name or self.deadline is None:
            return
        row = s.get(self.deadline, (m.data.kind, m.data.entity))
        if row is None or row.due_at != m.data.due_at:
            return
        s.delete(row)
        handler: Handler = self.service.deadlines[m.data.kind]
        yield from several(handler(m, s))
