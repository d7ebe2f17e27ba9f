"""Kept tables that every service has for each tenant: lease, reader, writer, outbox, rebuild, mark, trouble, stopped,
hold, timekeeping.
Also the statements on reader and writer, and those that write into the outbox; outbox.py reads it. lease_row.py has those on
the lease, rebuild_row.py those on rebuild, crash_attempts.py those on mark and trouble, hold.py those on the hold.

Everything here runs inside the caller's transaction. `epoch` is the fence: a takeover of the lease raises it. If an
instance acts under an older epoch, no row changes and Fenced is raised.
"""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.columns import Utf8
from microgov.services.chassis.errors import Fenced
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.store.fold_session.bulk import Bulk

KEPT = sa.MetaData()
LEASE = sa.Table(
    "lease",
    KEPT,
    sa.Column("one", sa.BigInteger, primary_key=True),
    sa.Column("holder", Utf8, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
READER = sa.Table(
    "reader",
    KEPT,
    sa.Column("stream", Utf8, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("event_id", Utf8, nullable=False),
    sa.Column("handled", Utf8, nullable=False),
    sa.Column("now", sa.BigInteger, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)
WRITER = sa.Table(
    "writer",
    KEPT,
    sa.Column("name", Utf8, primary_key=True),
    sa.Column("next", sa.BigInteger, nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)
OUTBOX = sa.Table(
    "outbox",
    KEPT,
    sa.Column("writer", Utf8, primary_key=True),
    sa.Column("n", sa.BigInteger, primary_key=True),
    sa.Column("id", Utf8, nullable=False),
    sa.Column("subject", Utf8, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
REBUILD = sa.Table(
    "rebuild",
    KEPT,
    sa.Column("stream", Utf8, primary_key=True),
    sa.Column("strict", sa.Boolean, nullable=False),
    sa.Column("other_codes", sa.BigInteger, nullable=False),
)
"""The last rebuild from a stream: whether it stops at a refusal with another code than the log holds, and how many of these
it has found (fold/refolding.py). No row if there was none.
"""
MARK = sa.Table(
    "mark",
    KEPT,
    sa.Column("stream", Utf8, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.BigInteger, nullable=False),
)
TROUBLE = sa.Table(
    "trouble",
    KEPT,
    sa.Column("stream", Utf8, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("error", Utf8, nullable=False),
    sa.Column("trace", Utf8, nullable=False),
)
STOPPED = sa.Table(
    "stopped",
    KEPT,
    sa.Column("stream", Utf8, primary_key=True),
    sa.Column("kind", Utf8, primary_key=True),
    sa.Column("release", Utf8, nullable=False),
)
HOLD = sa.Table(
    "hold",
    KEPT,
    sa.Column("one", sa.BigInteger, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("latest", sa.BigInteger, nullable=False),
)
"""Whether senders rest since a restore (hold.py)."""
CLOCK = sa.Table(
    "timekeeping",
    KEPT,
    sa.Column("what", Utf8, primary_key=True),
    sa.Column("micros", sa.BigInteger, nullable=False),
)
"""Clock differences that runtime/timekeeping.py must remember."""


class StreamPosition(NamedTuple):
    """A reader's position: the sequence folded last, that message's id, the greatest recordedtime folded (µs).

    In an IN stream, whose messages are purged once read, the id is instead the time when the broker made the stream.
    """

    seq: int
    event_id: str
    now: int


class Writer(NamedTuple):
    """The row of a writer: `next` is the number of its next message, `published` the last number known to be in its
    stream.
    """

    next: int
    published: int


def prepare(c: Connection, readers: Sequence[str], writers: Sequence[str]) -> None:
    """Creates the rows of these readers and writers if they are missing."""
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


def position(c: Connection, stream: str) -> StreamPosition:
    """The position of a reader."""
    row = c.execute(
        sa.select(READER.c.seq, READER.c.event_id, READER.c.now).where(READER.c.stream == stream)
    ).one()
    return StreamPosition(*row)


def handled(c: Connection, stream: str) -> str:
    """The types that this reader's rows were folded from (handled_types.py); empty before the first start."""
    return str(c.execute(sa.select(READER.c.handled).where(READER.c.stream == stream)).scalar_one())


def set_handled(c: Connection, stream: str, types: str) -> None:
    """Stores the types that the rows are folded from; called at every start."""
    c.execute(READER.update().where(READER.c.stream == stream).values(handled=types))


class Bookkeeping:
    """The statements that run in every transaction; their SQL text is made once."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.outbox = Bulk(OUTBOX, dialect)

    def fence(self, c: Connection, stream: str, old: int, new: StreamPosition, epoch: int) -> None:
        """Moves a reader's position from the sequence `old` to `new`. Raises Fenced if the stored position or epoch is
        another one.
        """
        moved = c.execute(_FENCE, {"b_stream": stream, "b_old": old, "b_epoch": epoch, **new._asdict()})
        if moved.rowcount != 1:
            raise Fenced(f"{stream}: somebody else is ahead of {old}")

    def take(self, c: Connection, writer: str, count: int, published: int, epoch: int) -> int:
        """Takes `count` numbers for a writer's messages and returns the first; also stores `published` if it is higher than
        before. Raises Fenced if the stored epoch is another one.
        """
        after = c.execute(
            _TAKE, {"b_name": writer, "b_count": count, "b_published": published, "b_epoch": epoch}
        ).scalar()
        if after is None:
            raise Fenced(f"{writer}: another epoch")
        return int(after) - count

    def write(self, c: Connection, writer: str, rows: Sequence[Outgoing]) -> None:
        """Writes the messages of a transaction into the outbox."""
        self.outbox.copy(c, [(writer, *row) for row in rows])


_FENCE = (
    READER.update()
    .where(
        READER.c.stream == sa.bindparam("b_stream"),
        READER.c.seq == sa.bindparam("b_old"),
        READER.c.epoch == sa.bindparam("b_epoch"),
    )
    .values(seq=sa.bindparam("seq"), event_id=sa.bindparam("event_id"), now=sa.bindparam("now"))
)
_TAKE = (
    WRITER.update()
    .where(WRITER.c.name == sa.bindparam("b_name"), WRITER.c.epoch == sa.bindparam("b_epoch"))
    .values(
        next=WRITER.c.next + sa.bindparam("b_count"),
        published=sa.case(
            (WRITER.c.published < sa.bindparam("b_published"), sa.bindparam("b_published")),
            else_=WRITER.c.published,
        ),
    )
    .returning(WRITER.c.next)
)


def writers(c: Connection, *prefixes: str) -> list[str]:
    """The names of all writers that begin with one of these prefixes."""
    names = c.execute(sa.select(WRITER.c.name).order_by(WRITER.c.name)).scalars()
    return [name for name in names if name.startswith(prefixes)]


def writer(c: Connection, name: str) -> Writer:
    """A writer's numbers. The row is locked, so nobody else can take a number until this transaction ends."""
    mine = sa.select(WRITER.c.next, WRITER.c.published).where(WRITER.c.name == name).with_for_update()
    return Writer(*c.execute(mine).one())


def set_writer(c: Connection, name: str, next_: int, published: int, epoch: int) -> None:
    """Stores a writer's numbers as its stream shows them; called at a start. Raises Fenced if the stored epoch is another
    one.
    """
    mine = sa.and_(WRITER.c.name == name, WRITER.c.epoch == epoch)
    if c.execute(WRITER.update().where(mine).values(next=next_, published=published)).rowcount != 1:
        raise Fenced(f"{name}: another epoch")
