"""The best that can be written by hand for these four commands, with no framework: the same client, asyncpg, msgspec.

The same guarantees as ours: position, rows and outbox in one transaction, the position fenced, atomic appends fenced by
the broker, the next batch decoded while this one commits, the last one appended meanwhile. Nothing of it can be reused.
"""

import asyncio
import uuid
from datetime import datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import msgspec

from bench.setup import Ground, Watch, contestant
from bench.workload import PLACE, TENANT
from microgov.services.chassis.columns import micros
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Outgoing, Stored

BATCH = 1000
TYPES = [
    "issues.accept_issue.v1",
    "issues.cosign_issue.v1",
    "issues.submit_issue.v1",
    "issues.triage_issue.v1",
]
SOURCE = f"/microgov/{TENANT}/issues"


class Data(msgspec.Struct, gc=False):
    title: str | None = None
    text: str | None = None
    place: str | None = None
    channel: str | None = None
    theme: str | None = None
    scale: str | None = None
    urgency: str | None = None
    reach: str | None = None
    form: str | None = None


class Message(msgspec.Struct, gc=False):
    id: str
    type: str
    subject: str
    recordedtime: str
    correlationid: str
    authid: str
    authtype: str
    role: str
    scope: str
    publisher: str
    publisherid: str
    traceparent: str
    data: Data


DECODE = msgspec.json.Decoder(Message).decode
ENCODE = msgspec.json.Encoder(order="sorted").encode


class Issue(msgspec.Struct, gc=False):
    id: str
    state: str
    place: str
    reporter: str
    people: int
    households: int
    version: int
    changed: bool = False
    new: bool = False
    triage: tuple[str | None, ...] | None = None


class Store:
    """Prepared statements and what a batch knows."""

    def __init__(self, db: asyncpg.Connection) -> None:
        self.db = db

    async def prepare(self) -> None:
        """Everything that is said to the database more than once."""
        p = self.db.prepare
        self.load = await p(
            "SELECT id,state,place,reporter,people,households,version FROM issue WHERE id=ANY($1::text[])"
        )
        self.homes = await p("SELECT id,household FROM person WHERE id=ANY($1::text[])")
        self.signed = await p(
            "SELECT c.issue,c.person FROM cosign c JOIN unnest($1::text[],$2::text[]) v(i,p) "
            "ON c.issue=v.i AND c.person=v.p"
        )
        self.find_households = await p(
            "SELECT c.issue,c.household,c.people FROM cosign_household c "
            "JOIN unnest($1::text[],$2::text[]) v(i,h) ON c.issue=v.i AND c.household=v.h"
        )
        self.update = await p(
            "UPDATE issue t SET state=v.s,people=v.p,households=v.h,version=v.n,theme=v.t,scale=v.c,"
            "urgency=v.u,reach=v.r,form=v.f FROM unnest($1::text[],$2::text[],$3::bigint[],$4::bigint[],"
            "$5::bigint[],$6::text[],$7::text[],$8::text[],$9::text[],$10::text[]) "
            "v(id,s,p,h,n,t,c,u,r,f) WHERE t.id=v.id"
        )
        self.grow = await p(
            "UPDATE cosign_household t SET people=v.n FROM unnest($1::text[],$2::text[],$3::bigint[]) "
            "v(i,h,n) WHERE t.issue=v.i AND t.household=v.h"
        )
        self.fence = await p(
            "UPDATE reader SET seq=$1, event_id=$2, now=$3 WHERE stream='LOG' AND seq=$4 RETURNING 1"
        )

    async def fold(self, batch: list[tuple[int, Message]], old: int, first: int) -> list[Outgoing]:
        """One transaction."""
        async with self.db.transaction():
            seq, last = batch[-1]
            now = micros(msgspec.convert(last.recordedtime, type=datetime))
            if not await self.fence.fetch(seq, last.id, now, old):
                raise RuntimeError("somebody is ahead")
            await self._read(batch)
            out = [self._one(m, first + n) for n, (_, m) in enumerate(batch)]
            await self._write(out)
        return out

    async def _read(self, batch: list[tuple[int, Message]]) -> None:
        cosigns = [m for _, m in batch if m.type == TYPES[1]]
        self.rows: dict[str, Issue] = {}
        for id, state, place, reporter, people, households, version in await self.load.fetch(
            list({m.subject for _, m in batch if m.type != TYPES[2]})
        ):
            self._issue(id, state, place, reporter, people, households, version)
        self.home = dict(await self.homes.fetch(list({m.authid for m in cosigns})))
        keys = [m.subject for m in cosigns], [m.authid for m in cosigns]
        self.done = {tuple(row) for row in await self.signed.fetch(*keys)}
        find_households = [self.home.get(m.authid, "") for m in cosigns]
        self.cosigned_households = {
            (i, h): n for i, h, n in await self.find_households.fetch(keys[0], find_households)
        }
        self.old_households = dict(self.cosigned_households)
        self.new: list[tuple[Any, ...]] = []
        self.cosigns: list[tuple[Any, ...]] = []

    def _issue(
        self, id: str, state: str, place: str, reporter: str, people: int, households: int, version: int
    ) -> Issue:
        row = self.rows[id] = Issue(id, state, place, reporter, people, households, version)
        return row

    def _one(self, m: Message, n: int) -> Outgoing:
        kind, data, version = self._rule(m)
        id = str(uuid.uuid5(uuid.UUID(m.id), f"issues/{kind}/{m.subject}/1"))
        body: dict[str, Any] = {
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "source": SOURCE,
            "time": m.recordedtime,
            "recordedtime": m.recordedtime,
            "tenant": TENANT,
            "writer": "issues",
            "sequence": f"{n:019d}",
            "causationid": m.id,
            "correlationid": m.correlationid,
            "authid": m.authid,
            "authtype": m.authtype,
            "role": m.role,
            "scope": m.scope,
            "publisher": m.publisher,
            "publisherid": m.publisherid,
            "traceparent": m.traceparent,
            "id": id,
            "type": kind,
            "subject": m.subject,
            "data": data,
        }
        if version:
            body["entityversion"] = version
        return Outgoing(n, id, f"log.{TENANT}.issues.{kind}", ENCODE(body))

    def _rule(self, m: Message) -> tuple[str, dict[str, Any], int]:
        d, row = m.data, self.rows.get(m.subject)
        if m.type == TYPES[2]:
            return self._submit(m, row)
        if row is None:
            return self._refused(m, "not_found", "没有此事项。", "There is no such issue.")
        if m.type == TYPES[1]:
            return self._cosign(m, row)
        wanted, to = ("submitted", "accepted") if m.type == TYPES[0] else ("accepted", "triaged")
        if row.state != wanted:
            zh, en = f"事项 {row.id} 现为“{row.state}”。", f"The issue {row.id} is {row.state}."
            return self._refused(m, "wrong_state", zh, en)
        row.state, row.changed, row.version = to, True, row.version + 1
        if m.type == TYPES[0]:
            return "issues.issue_accepted.v1", {"automatic": False}, row.version
        row.triage = (d.theme, d.scale, d.urgency, d.reach, d.form)
        return (
            "issues.issue_triaged.v1",
            {"theme": d.theme, "scale": d.scale, "urgency": d.urgency, "reach": d.reach, "form": d.form},
            row.version,
        )

    def _submit(self, m: Message, row: Issue | None) -> tuple[str, dict[str, Any], int]:
        d = m.data
        if row is not None:
            return self._refused(m, "already_exists", "编号已被使用。", "The id is taken.")
        if d.place != PLACE:
            return self._refused(m, "unknown_place", "没有此地点。", "There is no such place.")
        made = self._issue(m.subject, "submitted", PLACE, m.authid, 0, 0, 1)
        made.new = True
        self.new.append((made, d))
        said = {"title": d.title, "place": d.place, "channel": d.channel, "reporter": m.authid}
        return "issues.issue_submitted.v1", said, 1

    def _cosign(self, m: Message, row: Issue) -> tuple[str, dict[str, Any], int]:
        home, key = self.home.get(m.authid), (m.subject, m.authid)
        if home is None:
            return self._refused(m, "not_registered", "尚未登记。", "Not registered.")
        if row.reporter == m.authid or key in self.done:
            return self._refused(m, "already_cosigned", "每人附议一次。", "Everybody co-signs once.")
        self.done.add(key)
        before = self.cosigned_households.get((m.subject, home), 0)
        self.cosigned_households[m.subject, home] = before + 1
        row.people, row.households = row.people + 1, row.households + (not before)
        row.version, row.changed = row.version + 1, True
        self.cosigns.append((m.subject, m.authid, home, True))
        return (
            "issues.issue_cosigned.v1",
            {"person": m.authid, "household": home, "people": row.people, "households": row.households},
            row.version,
        )

    def _refused(self, m: Message, code: str, zh: str, en: str) -> tuple[str, dict[str, Any], int]:
        return (
            "log.command_refused.v1",
            {
                "service": "issues",
                "command_id": m.id,
                "command_type": m.type,
                "code": code,
                "field": "subject",
                "message": {"zh": zh, "en": en},
            },
            0,
        )

    async def _write(self, out: list[Outgoing]) -> None:
        copy = self.db.copy_records_to_table
        columns = [
            "id",
            "state",
            "title",
            "text",
            "place",
            "channel",
            "reporter",
            "people",
            "households",
            "records",
            "open_items",
            "untold",
            "version",
            "theme",
            "scale",
            "urgency",
            "reach",
            "form",
        ]
        await copy(
            "issue",
            columns=columns,
            records=[
                (
                    r.id,
                    r.state,
                    d.title,
                    d.text,
                    r.place,
                    d.channel,
                    r.reporter,
                    r.people,
                    r.households,
                    0,
                    0,
                    0,
                    r.version,
                    *(r.triage or (None,) * 5),
                )
                for r, d in self.new
            ],
        )
        changed = [r for r in self.rows.values() if r.changed and not r.new]
        if changed:
            triage = [r.triage or (None,) * 5 for r in changed]
            await self.update.fetch(
                [r.id for r in changed],
                [r.state for r in changed],
                [r.people for r in changed],
                [r.households for r in changed],
                [r.version for r in changed],
                *(list(column) for column in zip(*triage, strict=True)),
            )
        await copy("cosign", records=self.cosigns, columns=["issue", "person", "household", "in_force"])
        fresh = [(*key, n) for key, n in self.cosigned_households.items() if key not in self.old_households]
        await copy("cosign_household", records=fresh, columns=["issue", "household", "people"])
        grown = [
            (*key, n) for key, n in self.cosigned_households.items() if self.old_households.get(key, n) != n
        ]
        if grown:
            await self.grow.fetch(*(list(column) for column in zip(*grown, strict=True)))
        await copy(
            "outbox",
            records=[("issues", *row) for row in out],
            columns=["writer", "n", "id", "subject", "data"],
        )


async def run(ground: Ground) -> dict[str, float]:
    """Rate from LOG through PostgreSQL back into LOG."""
    db = await asyncpg.connect(ground.database.replace("+psycopg", ""))
    await db.execute("INSERT INTO reader VALUES ('LOG', 0, '', '', 0, 0)")
    store = Store(db)
    await store.prepare()
    source = JetStreamLog(await Bus.connect(ground.user.address(ground.nats_url)), TENANT)
    reader, watch = await source.read(0, TYPES), Watch(ground.count // 20)
    position, n, last, appending = 0, 1, 0, None
    batch = _decode(await reader.batch(BATCH, 5.0))
    while batch:
        folding = asyncio.create_task(store.fold(batch, position, n))
        await asyncio.sleep(0)
        ahead = _decode(await reader.batch(BATCH, 0))
        rows = await folding
        position, n = batch[-1][0], n + len(rows)
        if appending is not None:
            last = await appending
        appending = asyncio.create_task(source.append("issues", rows, last))
        watch.see(position)
        batch = ahead or (_decode(await reader.batch(BATCH, 5.0)) if position < ground.count else [])
    if appending is not None:
        await appending
    figures = watch.figures(ground.count)
    return {**figures, "said": await ground.log_end() - ground.count}


def _decode(batch: list[Stored]) -> list[tuple[int, Message]]:
    return [(stored.seq, DECODE(stored.data)) for stored in batch]


if __name__ == "__main__":
    contestant(run)
