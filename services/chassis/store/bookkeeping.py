"""The bookkeeping of a service for one tenant: lease, readers, writers, outbox, mark, trouble. Kept, never rebuilt.

Everything here runs inside the caller's transaction. `epoch` is the fence that a takeover raises: whoever acts under an
older one changes no row and learns it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.columns import Utf8
from microgov.services.chassis.errors import Fenced
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.store.bulk import Bulk
from microgov.services.chassis.store.engine import is_postgresql, milliseconds

LEASE_MS = 3000
_END_WHO_STOPPED = """SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a, lease l
WHERE a.datname = current_database() AND a.usename = current_user AND a.pid <> pg_backend_pid()
AND a.backend_xid IS NOT NULL AND a.wait_event_type = 'Client' AND a.state_change < clock_timestamp() - interval '5 s'
AND l.until < extract(epoch from clock_timestamp()) * 1000"""
"""Whoever stopped inside of a transaction, and has lost the lease since, holds locks that its successor needs. To the
server it is one that has written and of which it waits to hear. Its idle_in_transaction_session_timeout ends only who
stopped between two statements, not who stopped while statements overlap, or halfway through a COPY: those are `active`."""
KEPT = sa.MetaData()
LEASE = sa.Table(
    "lease", KEPT, sa.Column("one", sa.BigInteger, primary_key=True), sa.Column("holder", Utf8, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False), sa.Column("until", sa.BigInteger, nullable=False),
)
READER = sa.Table(
    "reader", KEPT, sa.Column("stream", Utf8, primary_key=True), sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("event_id", Utf8, nullable=False), sa.Column("handled", Utf8, nullable=False),
    sa.Column("now", sa.BigInteger, nullable=False), sa.Column("epoch", sa.BigInteger, nullable=False),
)
WRITER = sa.Table(
    "writer", KEPT, sa.Column("name", Utf8, primary_key=True), sa.Column("next", sa.BigInteger, nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False), sa.Column("epoch", sa.BigInteger, nullable=False),
)
OUTBOX = sa.Table(
    "outbox", KEPT, sa.Column("writer", Utf8, primary_key=True), sa.Column("n", sa.BigInteger, primary_key=True),
    sa.Column("id", Utf8, nullable=False), sa.Column("subject", Utf8, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
MARK = sa.Table(
    "mark", KEPT, sa.Column("stream", Utf8, primary_key=True), sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.BigInteger, nullable=False),
)
TROUBLE = sa.Table(
    "trouble", KEPT, sa.Column("stream", Utf8, primary_key=True), sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("error", Utf8, nullable=False), sa.Column("trace", Utf8, nullable=False),
)
STOPPED = sa.Table(
    "stopped", KEPT, sa.Column("stream", Utf8, primary_key=True), sa.Column("kind", Utf8, primary_key=True),
    sa.Column("release", Utf8, nullable=False),
)
CLOCK = sa.Table(
    "timekeeping", KEPT, sa.Column("what", Utf8, primary_key=True), sa.Column("micros", sa.BigInteger, nullable=False),
)
"""What timekeeping.py has been told, and must not forget."""


class Position(NamedTuple):
    """Where a reader is: the sequence folded last, that message's id, and the greatest recordedtime (µs) folded.

    Of a stream whose messages are purged once they are read (IN) the id is when the stream was made, as the broker says.
    """

    seq: int
    event_id: str
    now: int


class Writer(NamedTuple):
    """`next` is the number that the next message gets, `published` the last one known to be in the log."""

    next: int
    published: int


def prepare(c: Connection, readers: Sequence[str], writers: Sequence[str]) -> None:
    """Makes the rows of these readers and writers where they are not there yet."""
    epoch = 0
    lease = c.execute(sa.select(LEASE.c.epoch)).scalar_one_or_none()
    if lease is None:
        c.execute(LEASE.insert().values(one=1, holder="", epoch=0, until=0))
    else:
        epoch = lease
    for name in readers:
        if c.execute(sa.select(READER.c.seq).where(READER.c.stream == name)).first() is None:
            c.execute(READER.insert().values(stream=name, seq=0, event_id="", handled="", now=0, epoch=epoch))
    for name in writers:
        if c.execute(sa.select(WRITER.c.next).where(WRITER.c.name == name)).first() is None:
            c.execute(WRITER.insert().values(name=name, next=1, published=0, epoch=epoch))


class Taken(NamedTuple):
    """The lease is ours under `epoch`; `clean` says that whoever held it before gave it back."""

    epoch: int
    clean: bool


def take_lease(c: Connection, holder: str) -> Taken | None:
    """The lease, or None while somebody else holds it. Taking it over raises the epoch in every row.

    One that ends later than a lease can was taken before the clock was set back: whoever lives renews it by today's.
    """
    if is_postgresql(c):
        c.exec_driver_sql(_END_WHO_STOPPED)
        c.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
    now: sa.ColumnElement[int] = sa.literal_column(milliseconds(c))
    free = sa.or_(LEASE.c.holder == "", LEASE.c.until < now, LEASE.c.until > now + 2 * LEASE_MS)
    row = c.execute(sa.select(LEASE.c.holder, LEASE.c.epoch).where(free).with_for_update()).first()
    if row is None:
        return None
    epoch = row.epoch + 1
    c.execute(LEASE.update().values(holder=holder, epoch=epoch, until=now + LEASE_MS))
    c.execute(READER.update().values(epoch=epoch))
    c.execute(WRITER.update().values(epoch=epoch))
    return Taken(epoch, row.holder == "")


def renew_lease(c: Connection, holder: str, epoch: int) -> None:
    """Another three seconds; Fenced where the lease is not ours any more."""
    until: sa.ColumnElement[int] = sa.literal_column(milliseconds(c)) + LEASE_MS
    mine = sa.and_(LEASE.c.holder == holder, LEASE.c.epoch == epoch)
    if c.execute(LEASE.update().where(mine).values(until=until)).rowcount != 1:
        raise Fenced("the lease is somebody else's")


def give_back_lease(c: Connection, holder: str, epoch: int) -> None:
    """A clean stop: the next one need not wait."""
    c.execute(LEASE.update().where(LEASE.c.holder == holder, LEASE.c.epoch == epoch).values(holder="", until=0))


def position(c: Connection, stream: str) -> Position:
    """Where a reader is."""
    row = c.execute(sa.select(READER.c.seq, READER.c.event_id, READER.c.now).where(READER.c.stream == stream)).one()
    return Position(*row)


def handled(c: Connection, stream: str) -> str:
    """The types that this reader's rows were folded from (handled_types.py); empty before the first."""
    return str(c.execute(sa.select(READER.c.handled).where(READER.c.stream == stream)).scalar_one())


def set_handled(c: Connection, stream: str, types: str) -> None:
    """Notes it at the first start and after a rebuild."""
    c.execute(READER.update().where(READER.c.stream == stream).values(handled=types))


class Books:
    """The statements of the hot path, with their text made once."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.outbox = Bulk(OUTBOX, dialect)

    def fence(self, c: Connection, stream: str, old: int, new: Position, epoch: int) -> None:
        """Moves the position, if it is still `old` under our epoch; else Fenced: somebody else is ahead."""
        moved = c.execute(_FENCE, {"b_stream": stream, "b_old": old, "b_epoch": epoch, **new._asdict()})
        if moved.rowcount != 1:
            raise Fenced(f"{stream}: somebody else is ahead of {old}")

    def take(self, c: Connection, writer: str, count: int, published: int, epoch: int) -> int:
        """The first of `count` numbers; notes by the way how far the log has got. Fenced under an older epoch."""
        after = c.execute(_TAKE, {"b_name": writer, "b_count": count, "b_published": published, "b_epoch": epoch}).scalar()
        if after is None:
            raise Fenced(f"{writer}: another epoch")
        return int(after) - count

    def write(self, c: Connection, writer: str, rows: Sequence[Outgoing]) -> None:
        """The messages of a transaction, into the outbox."""
        self.outbox.copy(c, [(writer, *row) for row in rows])


_FENCE = READER.update().where(
    READER.c.stream == sa.bindparam("b_stream"), READER.c.seq == sa.bindparam("b_old"),
    READER.c.epoch == sa.bindparam("b_epoch"),
).values(seq=sa.bindparam("seq"), event_id=sa.bindparam("event_id"), now=sa.bindparam("now"))
_TAKE = WRITER.update().where(
    WRITER.c.name == sa.bindparam("b_name"), WRITER.c.epoch == sa.bindparam("b_epoch"),
).values(
    next=WRITER.c.next + sa.bindparam("b_count"),
    published=sa.case((WRITER.c.published < sa.bindparam("b_published"), sa.bindparam("b_published")),
                      else_=WRITER.c.published),
).returning(WRITER.c.next)


def writers(c: Connection, *prefixes: str) -> list[str]:
    """The names of all writers that begin with one of these."""
    names = c.execute(sa.select(WRITER.c.name).order_by(WRITER.c.name)).scalars()
    return [name for name in names if name.startswith(prefixes)]


def writer(c: Connection, name: str) -> Writer:
    """A writer's numbers; nobody takes one until this transaction ends."""
    mine = sa.select(WRITER.c.next, WRITER.c.published).where(WRITER.c.name == name).with_for_update()
    return Writer(*c.execute(mine).one())


def set_writer(c: Connection, name: str, next_: int, published: int, epoch: int) -> None:
    """Notes what the log itself says (at a start)."""
    mine = sa.and_(WRITER.c.name == name, WRITER.c.epoch == epoch)
    if c.execute(WRITER.update().where(mine).values(next=next_, published=published)).rowcount != 1:
        raise Fenced(f"{name}: another epoch")


def outbox_after(c: Connection, name: str, n: int, most: int = 5000) -> list[Outgoing]:
    """The outbox rows of a writer above a number, in order."""
    query = sa.select(OUTBOX.c.n, OUTBOX.c.id, OUTBOX.c.subject, OUTBOX.c.data).where(
        OUTBOX.c.writer == name, OUTBOX.c.n > n).order_by(OUTBOX.c.n).limit(most)
    return [Outgoing(*row) for row in c.execute(query)]


def outbox_id(c: Connection, name: str, n: int) -> str | None:
    """The id of one outbox row."""
    found: str | None = c.execute(sa.select(OUTBOX.c.id).where(OUTBOX.c.writer == name, OUTBOX.c.n == n)).scalar()
    return found


def said_already(c: Connection, name: str, ids: Sequence[str]) -> set[str]:
    """Which of these ids a writer's outbox holds."""
    return set(c.execute(sa.select(OUTBOX.c.id).where(OUTBOX.c.writer == name, OUTBOX.c.id.in_(ids))).scalars())


def mark(c: Connection, stream: str, seq: int, counts: bool = True) -> int:
    """Notes which message is about to be folded; returns how often that one was begun. `counts`: this time, too."""
    row = c.execute(sa.select(MARK.c.seq, MARK.c.tries).where(MARK.c.stream == stream)).first()
    tries = row.tries + counts if row is not None and row.seq == seq else 1
    if row is None:
        c.execute(MARK.insert().values(stream=stream, seq=seq, tries=tries))
    else:
        c.execute(MARK.update().where(MARK.c.stream == stream).values(seq=seq, tries=tries))
    return tries


def note_trouble(c: Connection, stream: str, seq: int, error: str, trace: str) -> None:
    """Error and trace of a quarantined message, for whoever mends it."""
    c.execute(TROUBLE.delete().where(TROUBLE.c.stream == stream, TROUBLE.c.seq == seq))
    c.execute(TROUBLE.insert().values(stream=stream, seq=seq, error=error[:2000], trace=trace[:20000]))


def trouble(c: Connection, stream: str) -> dict[int, dict[str, Any]]:
    """Error and trace by log sequence."""
    rows = c.execute(sa.select(TROUBLE.c.seq, TROUBLE.c.error, TROUBLE.c.trace).where(TROUBLE.c.stream == stream))
    return {row.seq: {"error": row.error, "trace": row.trace} for row in rows}
