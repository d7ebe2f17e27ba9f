"""The obvious way to write it, after the tutorials of FastStream and SQLAlchemy: a session and a commit per message.

An inbox row makes redelivery harmless; the event goes through an outbox row and is published after the commit. The rules
are the same: the very handlers of the service.
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
    """As in the tutorials."""


class Inbox(Base):
    __tablename__ = "naive_inbox"
    id: Mapped[str] = mapped_column(primary_key=True)


class Outbox(Base):
    __tablename__ = "naive_outbox"
    id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    data: Mapped[str]


def make_engine(url: str) -> Any:
    """As durable as ours."""
    made = create_engine(url)
    if made.dialect.name == "sqlite":
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            event.listen(made, "connect", lambda c, _, p=pragma: c.execute(f"PRAGMA {p}"))
    return made


class NaiveService:
    """The service: one subscriber, acknowledged after the commit."""

    def __init__(self, ground: ContestantSetup, engine: Any, watch: Stopwatch) -> None:
        self.ground, self.engine, self.watch = ground, engine, watch
        self.stamper, self.done, self.finished = EventStamper(TENANT, ground.service.name), 0, asyncio.Event()
        name, password = ground.user.name, ground.user.password
        self.broker = NatsBroker(
            ground.nats_url,
            logger=None,
            apply_types=False,
            security=SASLPlaintext(name, password or "") if name else None,
            inbox_prefix=f"_INBOX.{name}" if name else "_INBOX",
        )
        self.broker.subscriber(
            f"log.{TENANT}.gateway.{ground.service.name}.>",
            stream=JStream(STREAM, declare=False),
            durable="naive",
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )(self.handle)

    async def handle(self, body: dict[str, Any]) -> None:
        """One message: inbox, handler, outbox, commit; then the events are published, one by one."""
        m = envelope_of(REGISTRY[body["type"]]).model_validate(body, strict=False)
        with OrmSession(self.engine) as session:
            if session.scalar(select(Inbox.id).where(Inbox.id == m.id)) is not None:
                return
            session.add(Inbox(id=m.id))
            drafts = self.stamper.because_of(m, _said_by_handler(self.ground.service, m, session))
            session.add_all(Outbox(id=d.id, subject=d.subject, data=d.data.decode()) for d in drafts)
            session.commit()
        for draft in drafts:
            await self.broker.publish(draft.data, draft.subject, stream=STREAM)
        self.done += 1
        self.watch.update(self.done)
        if self.done == self.ground.count:
            self.finished.set()


async def run(ground: ContestantSetup) -> dict[str, float]:
    """Rate of the same commands, one by one."""
    engine, watch = make_engine(ground.database), Stopwatch(ground.count // 20)
    Base.metadata.create_all(engine)
    service = NaiveService(ground, engine, watch)
    await service.broker.start()
    await service.finished.wait()
    return {**watch.figures(service.done), "said": await ground.log_end() - ground.count}


class OrmSession(Session):
    """SQLAlchemy's own, with the two things that handlers ask of the fold's beside it."""

    def family(self, cls: type[Any], parents: Sequence[Any]) -> list[Any]:
        """The rows whose key begins so."""
        keys = inspect(cls).primary_key
        begins = [parent if isinstance(parent, tuple) else (parent,) for parent in parents]
        first = tuple_(*keys[: len(begins[0])]).in_(begins) if begins else false()
        return list(self.scalars(select(cls).where(first).order_by(*keys)))

    def add(self, instance: Any, *_: Any, **__: Any) -> None:
        """Counters begin at 0, which the ORM says when it flushes."""
        if "version" in inspect(type(instance)).columns and instance.version is None:
            instance.version = 0
        super().add(instance)


def _said_by_handler(service: Service, m: Any, session: Session) -> list[Said]:
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
