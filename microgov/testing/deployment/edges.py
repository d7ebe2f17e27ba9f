"""What the edges of a deployment in memory report: deadlines, and how deliveries of notices have ended."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from microgov.contracts.log import DeadlineReached
from microgov.services.chassis.columns import micros
from microgov.services.chassis.messages.stamp import Input, reported_id, system_sender
from microgov.services.notify.channels.outcome import AttemptOutcome
from microgov.services.notify.edge import event_of
from microgov.services.notify.notices.delivery import Delivery
from microgov.testing.deployment.fold import FoldInMemory

Receiver = Callable[[str, str, int], AttemptOutcome]
"""Decides how an attempt to deliver a notice ends: it gets the recipient, the delivery's id and the attempt's number."""
DUE_AT_ONCE = 500


def received(recipient: str, delivery: str, attempt: int) -> AttemptOutcome:
    """The outcome of an attempt where every receiver accepts at once."""
    return AttemptOutcome("ok", "http_200")


class Due(NamedTuple):
    """A deadline that is due, and when it was (UTC)."""

    due_at: datetime
    service: str
    kind: str
    entity: str

    def report(self, tenant: str, at: datetime) -> Input:
        """The input by which the edge reports it, with the id that the edge of a service gives it."""
        fact = DeadlineReached(service=self.service, kind=self.kind, entity=self.entity, due_at=self.due_at)
        id = reported_id(tenant, self.service, self.kind, self.entity, micros(self.due_at))
        return Input(fact, self.entity, id, at, system_sender(writer_of(self.service)))


def writer_of(service: str) -> str:
    """The name under which the edge of a service writes."""
    return f"{service}-edge"


def due(fold: FoldInMemory, until: datetime, most: int = DUE_AT_ONCE) -> Iterator[Due]:
    """The service's deadlines that are due by `until`, the earliest first, `most` of them at most."""
    if fold.folding.deadline is None:
        return
    table = fold.folding.deadline.__table__
    order = (table.c.due_at, table.c.kind, table.c.entity)
    rows = sa.select(*order).where(table.c.due_at <= until).order_by(*order).limit(most)
    with fold.engine.connect() as c:
        for row in c.execute(rows):
            yield Due(row.due_at, fold.service.name, row.kind, row.entity)


def attempts(fold: FoldInMemory, tenant: str, at: datetime, receiver: Receiver) -> list[Input]:
    """Makes the attempts that wait in the service notify, and returns the reports of how they ended."""
    table = Delivery.__table__
    waiting = sa.select(table.c.id, table.c.recipient, table.c.attempt).where(table.c.state == "pending")
    with fold.engine.connect() as c:
        rows = c.execute(waiting.order_by(table.c.id)).all()
    made: list[Input] = []
    for row in rows:
        event = event_of(row.attempt, receiver(row.recipient, row.id, row.attempt))
        writer = writer_of(fold.service.name)
        id = reported_id(tenant, writer, row.id, event.TYPE, row.attempt)
        made.append(Input(event, row.id, id, at, system_sender(writer)))
    return made
