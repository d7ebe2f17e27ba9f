"""Which publisher follows which entity: a publisher follows an entity if its own command caused the event that began it.

A refused command makes no follower. If two entities of different kinds have the same id, only the one that the publisher
began is followed.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.contracts.ids import outside_id
from microgov.contracts.kinds import kinds
from microgov.contracts.message import REGISTRY
from microgov.services.chassis.fold.recovery import expected_batch
from microgov.services.chassis.log import Log, Stored, body_of
from microgov.services.chassis.store import bookkeeping
from microgov.services.gateway.model import Matter, Seen

Body = dict[str, Any]
Thing = tuple[str, str]
"""An entity's id and its kind."""
LEARNED = "MATTERS"
PAGE = 1000


class Matters:
    """What one batch needs to know. `followers`: entity (`Thing`) → the publishers that follow it. `creating`: id of a
    publisher's command → the id of the entity that it creates.
    """

    def __init__(self, tenant: str, followers: dict[Thing, set[str]], creating: dict[str, str]) -> None:
        self.tenant, self.followers, self.creating = tenant, followers, creating
        self.new_followers: list[tuple[str, str, str]] = []

    def learn(self, body: Body) -> None:
        """Processes an event of a fold: if it begins an entity, the publisher whose command caused it becomes a follower."""
        publisher = _causer(self.tenant, body)
        begins = (
            body.get("entityversion", 1) == 1
            and self.creating.get(body.get("causationid", "")) == body["subject"]
        )
        if publisher is None or not begins:
            return
        thing = (body["subject"], kinds()[body["type"]])
        known = self.followers.setdefault(thing, set())
        if publisher not in known:
            known.add(publisher)
            self.new_followers.append((*thing, publisher))

    def concerned(self, body: Body) -> list[str]:
        """The publishers that may get a copy of the event: the followers of its entity, and the publisher whose message
        began the chain of causes.
        """
        followers = self.followers.get((body["subject"], kinds()[body["type"]]), set())
        return sorted(followers | ({body["publisher"]} if "publisher" in body else set()))

    def keep(self, c: Connection) -> None:
        """Writes the new followers, in the courier's transaction."""
        if self.new_followers:
            rows = [
                {"entity": entity, "kind": kind, "publisher": publisher}
                for entity, kind, publisher in self.new_followers
            ]
            c.execute(sa.insert(Matter), rows)


def _causer(tenant: str, body: Body) -> str | None:
    """The publisher whose own message is the direct cause of this event; None if the chain of causes is longer."""
    publisher: str | None = body.get("publisher")
    if publisher is None or body.get("causationid") != outside_id(tenant, publisher, body["publisherid"]):
        return None
    return publisher


def readable(body: Body) -> bool:
    """Whether the body has the fields of a message. Anything else in the log is skipped here; `microgov check` lists it."""
    texts = [
        "id",
        "type",
        "subject",
        "writer",
        *(["publisher", "publisherid"] if "publisher" in body else []),
    ]
    whole = all(isinstance(body.get(name), str) for name in texts) and isinstance(
        body.get("causationid"), str | None
    )
    return whole and isinstance(body.get("data"), dict)


def load(c: Connection, tenant: str, bodies: Sequence[Body]) -> Matters:
    """Loads the followers of the entities that these messages are about, and the commands that created them."""
    followers: dict[Thing, set[str]] = {}
    about = sorted({body["subject"] for body in bodies})
    for row in c.execute(sa.select(Matter.__table__).where(Matter.entity.in_(about))):
        followers.setdefault((row.entity, row.kind), set()).add(row.publisher)
    causes = sorted(
        {(body["publisher"], body["publisherid"]) for body in bodies if _causer(tenant, body) is not None}
    )
    asked = sa.tuple_(Seen.publisher, Seen.publisherid).in_(causes)
    creating = (
        {
            row.id: row.subject
            for row in c.execute(sa.select(Seen.id, Seen.type, Seen.subject).where(asked))
            if row.type in REGISTRY and REGISTRY[row.type].CREATES
        }
        if causes
        else {}
    )
    return Matters(tenant, followers, creating)


# --- a tenant of an older release ---


def unlearned(engine: Engine) -> bool:
    """Whether the followers must still be learned from the log."""
    with engine.begin() as c:
        bookkeeping.prepare(c, (LEARNED,), ())
        return bookkeeping.position(c, LEARNED).seq == 0


async def pages(source: Log, end: int) -> AsyncIterator[list[Stored]]:
    """Yields the log up to a sequence in pages of up to 1000 messages. Raises Again if the broker stalls."""
    reader = await source.read(0, None)
    while reader.taken < end:
        page = await expected_batch(reader, PAGE)
        yield [stored for stored in page if stored.seq <= end]
    await reader.close()


def relearn(engine: Engine, tenant: str, batch: Sequence[Stored]) -> None:
    """Adds the followers that one page of the log shows; idempotent."""
    bodies = [body for body in map(body_of, batch) if readable(body)]
    with engine.begin() as c:
        known = load(c, tenant, bodies)
        for body in bodies:
            if body["type"] in kinds() and _causer(tenant, body) is not None:
                known.learn(body)
        known.keep(c)


def learned(engine: Engine, epoch: int) -> None:
    """Notes that learning is done, so that it is not repeated."""
    with engine.begin() as c:
        mine = sa.and_(bookkeeping.READER.c.stream == LEARNED, bookkeeping.READER.c.epoch == epoch)
        c.execute(bookkeeping.READER.update().where(mine).values(seq=1))
