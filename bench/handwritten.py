"""The hand-written pipeline: the fastest code for four commands that we know, without a framework, by asyncpg and
msgspec.

It gives the same guarantees as a service: position, rows and outbox in one transaction with a fence on the position,
and atomic appends with the broker's fence. While one batch commits, the next one is decoded and the last one is
appended. It uses the same NATS client. None of this code can be reused for other commands.
"""

import asyncio
import uuid
from datetime import datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import msgspec

from bench.handwritten_messages import ACCEPT, COSIGN, DECODE, ENCODE, SUBMIT, TRIAGE, HandwrittenMessage
from bench.handwritten_rows import IssueRow, Rows
from bench.setup import ContestantSetup, Stopwatch, run_contestant
from bench.workload import PLACE, TENANT
from microgov.services.chassis.columns import micros
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Outgoing, Stored

BATCH = 1000
"""The most messages in one transaction."""
TYPES = [ACCEPT, COSIGN, SUBMIT, TRIAGE]
SOURCE = f"/microgov/{TENANT}/issues"


class HandwrittenFold(Rows):
    """The rows of a batch, and what the four commands change in them."""

    async def fold(self, batch: list[tuple[int, HandwrittenMessage]], old: int, first: int) -> list[Outgoing]:
        """Folds a batch of (sequence, message) in one transaction and returns the messages for the log.

        `old` is the position before the batch, `first` the number of the first outgoing message. Raises RuntimeError
        if another instance has moved the position.
        """
        async with self.db.transaction():
            seq, last = batch[-1]
            now = micros(msgspec.convert(last.recordedtime, type=datetime))
            if not await self.fence.fetch(seq, last.id, now, old):
                raise RuntimeError("another instance has moved the position")
            await self.read(batch)
            out = [self._answer(m, first + n) for n, (_, m) in enumerate(batch)]
            await self.write(out)
        return out

    def _answer(self, m: HandwrittenMessage, n: int) -> Outgoing:
        """The message, number `n` of the writer, that answers the command `m`."""
        kind, data, version = self._apply(m)
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

    def _apply(self, m: HandwrittenMessage) -> tuple[str, dict[str, Any], int]:
        """Changes the rows; returns the type of the answer, its data, and the version of the issue (0: refused)."""
        d, row = m.data, self.rows.get(m.subject)
        if m.type == SUBMIT:
            return self._submit(m, row)
        if row is None:
            return self._refused(m, "not_found", "没有此事项。", "There is no such issue.")
        if m.type == COSIGN:
            return self._cosign(m, row)
        wanted, to = ("submitted", "accepted") if m.type == ACCEPT else ("accepted", "triaged")
        if row.state != wanted:
            zh, en = f"事项 {row.id} 现为“{row.state}”。", f"The issue {row.id} is {row.state}."
            return self._refused(m, "wrong_state", zh, en)
        row.state, row.changed, row.version = to, True, row.version + 1
        if m.type == ACCEPT:
            return "issues.issue_accepted.v1", {"automatic": False}, row.version
        row.triage = (d.theme, d.scale, d.urgency, d.reach, d.form)
        return (
            "issues.issue_triaged.v1",
            {"theme": d.theme, "scale": d.scale, "urgency": d.urgency, "reach": d.reach, "form": d.form},
            row.version,
        )

    def _submit(self, m: HandwrittenMessage, row: IssueRow | None) -> tuple[str, dict[str, Any], int]:
        d = m.data
        if row is not None:
            return self._refused(m, "already_exists", "编号已被使用。", "The id is taken.")
        if d.place != PLACE:
            return self._refused(m, "unknown_place", "没有此地点。", "There is no such place.")
        made = self.issue(m.subject, "submitted", PLACE, m.authid, 0, 0, 1)
        made.new = True
        self.new.append((made, d))
        said = {"title": d.title, "place": d.place, "channel": d.channel, "reporter": m.authid}
        return "issues.issue_submitted.v1", said, 1

    def _cosign(self, m: HandwrittenMessage, row: IssueRow) -> tuple[str, dict[str, Any], int]:
        household_of, key = self.household_of.get(m.authid), (m.subject, m.authid)
        if household_of is None:
            return self._refused(m, "not_registered", "尚未登记。", "Not registered.")
        if row.reporter == m.authid or key in self.cosigned:
            return self._refused(m, "already_cosigned", "每人附议一次。", "Everybody co-signs once.")
        self.cosigned.add(key)
        before = self.household_counts.get((m.subject, household_of), 0)
        self.household_counts[m.subject, household_of] = before + 1
        row.people, row.households = row.people + 1, row.households + (not before)
        row.version, row.changed = row.version + 1, True
        self.cosigns.append((m.subject, m.authid, household_of, True))
        return (
            "issues.issue_cosigned.v1",
            {
                "person": m.authid,
                "household": household_of,
                "people": row.people,
                "households": row.households,
            },
            row.version,
        )

    def _refused(self, m: HandwrittenMessage, code: str, zh: str, en: str) -> tuple[str, dict[str, Any], int]:
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


async def run(setup: ContestantSetup) -> dict[str, float]:
    """Folds the whole log; returns the rate of reading from LOG, writing to PostgreSQL and appending to LOG."""
    db = await asyncpg.connect(setup.database.replace("+psycopg", ""))
    await db.execute("INSERT INTO reader VALUES ('LOG', 0, '', '', 0, 0)")
    store = HandwrittenFold(db)
    await store.prepare()
    source = JetStreamLog(await Bus.connect(setup.user.address(setup.nats_url)), TENANT)
    reader, watch = await source.read(0, TYPES), Stopwatch(setup.count // 20)
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
        watch.update(position)
        batch = ahead or (_decode(await reader.batch(BATCH, 5.0)) if position < setup.count else [])
    if appending is not None:
        await appending
    figures = watch.figures(setup.count)
    return {**figures, "said": await setup.log_end() - setup.count}


def _decode(batch: list[Stored]) -> list[tuple[int, HandwrittenMessage]]:
    return [(stored.seq, DECODE(stored.data)) for stored in batch]


if __name__ == "__main__":
    run_contestant(run)
