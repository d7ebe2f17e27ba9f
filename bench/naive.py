"""The naive service, written after the tutorials of FastStream and SQLAlchemy: a session and a commit for each message.

An inbox row makes redelivery harmless. The events are written to an outbox table in the same transaction and published after
the commit; the message is acknowledged after that. The outbox is never read back: if the process dies between commit and
publish, the redelivered message is found in the inbox and its events are lost. So the naive service promises less than ours.
The rules are the same: it calls the handlers of the service.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker
from faststream.security import SASLPlaintext
from nats.js.api import DeliverPolicy
from sqlalchemy import create_engine, event, false, inspect, select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bench.setup import STREAM, ContestantSetup, Stopwatch, run_contestant
from bench.workload import TENANT
from microgov.contracts.log import CommandRefused
from microgov.contracts.message import REGISTRY, envelope_of
from microgov.services.chassis.messages.stamp import EventStamper
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.service import Service, several


class Base(DeclarativeBase):
    """The declarative base of the two tables."""


class Inbox(Base):
    """The ids of the messages that were handled."""

    __tablename__ = "naive_inbox"
    id: Mapped[str] = mapped_column(primary_key=True)


class Outbox(Base):
    """The events that were committed; no code reads them back."""

    __tablename__ = "naive_outbox"
    id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    data: Mapped[str]


def make_engine(url: str) -> Any:
    """An engine whose commits are as durable as those of our services (on SQLite: WAL and `synchronous=FULL`)."""
    made = create_engine(url)
    if made.dialect.name == "sqlite":
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            event.listen(made, "connect", lambda c, _, p=pragma: c.execute(f"PRAGMA {p}"))
    return made


class NaiveService:
    """The service: one subscriber. FastStream acknowledges a message when `handle` returns, after commit and publish."""

    def __init__(self, setup: ContestantSetup, engine: Any, watch: Stopwatch) -> None:
        self.setup, self.engine, self.watch = setup, engine, watch
        self.stamper, self.done, self.finished = EventStamper(TENANT, setup.service.name), 0, asyncio.Event()
        name, password = setup.user.name, setup.user.password
        self.broker = NatsBroker(
            setup.nats_url,
            logger=None,
            apply_types=False,
            security=SASLPlaintext(name, password or "") if name else None,
            inbox_prefix=f"_INBOX.{name}" if name else "_INBOX",
        )
        self.broker.subscriber(
            f"log.{TENANT}.gateway.{setup.service.name}.>",
            stream=JStream(STREAM, declare=False),
            durable="naive",
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )(self.handle)

    async def handle(self, body: dict[str, Any]) -> None:
        """Handles one message: inbox, handler, outbox, commit; then publishes the events one by one."""
        m = envelope_of(REGISTRY[body["type"]]).model_validate(body, strict=False)
        with OrmSession(self.engine) as session:
            if session.scalar(select(Inbox.id).where(Inbox.id == m.id)) is not None:
                return
            session.add(Inbox(id=m.id))
            drafts = self.stamper.because_of(m, _said_by_handler(self.setup.service, m, session))
            session.add_all(Outbox(id=d.id, subject=d.subject, data=d.data.decode()) for d in drafts)
            session.commit()
        for draft in drafts:
            await self.broker.publish(draft.data, draft.subject, stream=STREAM)
        self.done += 1
        self.watch.update(self.done)
        if self.done == self.setup.count:
            self.finished.set()


async def run(setup: ContestantSetup) -> dict[str, float]:
    """Handles the whole log, one message at a time; returns the rate."""
    engine, watch = make_engine(setup.database), Stopwatch(setup.count // 20)
    Base.metadata.create_all(engine)
    service = NaiveService(setup, engine, watch)
    await service.broker.start()
    await service.finished.wait()
    return {**watch.figures(service.done), "said": await setup.log_end() - setup.count}


class OrmSession(Session):
    """SQLAlchemy's session, with the two features of `FoldSession` that handlers rely on: `family` and counters that
    begin at 0.
    """

    def family(self, cls: type[Any], parents: Sequence[Any]) -> list[Any]:
        """The rows whose primary key begins with the key of one of the parents, in order of their keys."""
        keys = inspect(cls).primary_key
        begins = [parent if isinstance(parent, tuple) else (parent,) for parent in parents]
        first = tuple_(*keys[: len(begins[0])]).in_(begins) if begins else false()
        return list(self.scalars(select(cls).where(first).order_by(*keys)))

    def add(self, instance: Any, *_: Any, **__: Any) -> None:
        """Sets `version` to 0 at once; the ORM would set the default only when it flushes."""
        if "version" in inspect(type(instance)).columns and instance.version is None:
            instance.version = 0
        super().add(instance)


def _said_by_handler(service: Service, m: Any, session: Session) -> list[Said]:
    """The events of the service's handler for this message; if it refuses, a `CommandRefused`."""
    try:
        return list(several(service.handlers[type(m.data)](m, session)))
    except Refused as refused:
        return [
            Said(
                CommandRefused(
                    service=service.name,
                    command_id=m.id,
                    command_type=m.type,
                    code=refused.code,
                    field=refused.field,
                    message=refused.words,
                ),
                m.subject,
            )
        ]


if __name__ == "__main__":
    run_contestant(run)
