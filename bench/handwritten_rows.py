"""The rows of the hand-written pipeline: prepared statements of asyncpg, which read and write a batch at once."""

from typing import Any

import asyncpg  # type: ignore[import-untyped]
import msgspec

from bench.handwritten_messages import COSIGN, SUBMIT, HandwrittenMessage
from microgov.services.chassis.log import Outgoing

COLUMNS = [
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


class IssueRow(msgspec.Struct, gc=False):
    """The columns of an issue that the four commands read, and what has become of the row in this batch."""

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


class Rows:
    """The prepared statements and the rows of one batch."""

    def __init__(self, db: asyncpg.Connection) -> None:
        self.db = db

    async def prepare(self) -> None:
        """Prepares every statement that is used more than once."""
        p = self.db.prepare
        self.load_issues = await p(
            "SELECT id,state,place,reporter,people,households,version FROM issue WHERE id=ANY($1::text[])"
        )
        self.load_households = await p("SELECT id,household FROM person WHERE id=ANY($1::text[])")
        self.load_cosigns = await p(
            "SELECT c.issue,c.person FROM cosign c JOIN unnest($1::text[],$2::text[]) v(i,p) "
            "ON c.issue=v.i AND c.person=v.p"
        )
        self.load_household_counts = await p(
            "SELECT c.issue,c.household,c.people FROM cosign_household c "
            "JOIN unnest($1::text[],$2::text[]) v(i,h) ON c.issue=v.i AND c.household=v.h"
        )
        self.update_issues = await p(
            "UPDATE issue t SET state=v.s,people=v.p,households=v.h,version=v.n,theme=v.t,scale=v.c,"
            "urgency=v.u,reach=v.r,form=v.f FROM unnest($1::text[],$2::text[],$3::bigint[],$4::bigint[],"
            "$5::bigint[],$6::text[],$7::text[],$8::text[],$9::text[],$10::text[]) "
            "v(id,s,p,h,n,t,c,u,r,f) WHERE t.id=v.id"
        )
        self.update_household_counts = await p(
            "UPDATE cosign_household t SET people=v.n FROM unnest($1::text[],$2::text[],$3::bigint[]) "
            "v(i,h,n) WHERE t.issue=v.i AND t.household=v.h"
        )
        self.fence = await p(
            "UPDATE reader SET seq=$1, event_id=$2, now=$3 WHERE stream='LOG' AND seq=$4 RETURNING 1"
        )

    async def read(self, batch: list[tuple[int, HandwrittenMessage]]) -> None:
        """Loads the issues, households and co-signatures that the commands of the batch need."""
        cosigns = [m for _, m in batch if m.type == COSIGN]
        self.rows: dict[str, IssueRow] = {}
        for id, state, place, reporter, people, households, version in await self.load_issues.fetch(
            list({m.subject for _, m in batch if m.type != SUBMIT})
        ):
            self.issue(id, state, place, reporter, people, households, version)
        self.household_of = dict(await self.load_households.fetch(list({m.authid for m in cosigns})))
        keys = [m.subject for m in cosigns], [m.authid for m in cosigns]
        self.cosigned = {tuple(row) for row in await self.load_cosigns.fetch(*keys)}
        households = [self.household_of.get(m.authid, "") for m in cosigns]
        self.household_counts = {
            (i, h): n for i, h, n in await self.load_household_counts.fetch(keys[0], households)
        }
        self.household_counts_before = dict(self.household_counts)
        self.new: list[tuple[Any, ...]] = []
        self.cosigns: list[tuple[Any, ...]] = []

    def issue(
        self, id: str, state: str, place: str, reporter: str, people: int, households: int, version: int
    ) -> IssueRow:
        row = self.rows[id] = IssueRow(id, state, place, reporter, people, households, version)
        return row

    async def write(self, out: list[Outgoing]) -> None:
        """Writes new and changed rows, and the outbox."""
        copy = self.db.copy_records_to_table
        await copy("issue", columns=COLUMNS, records=[self._record(row, data) for row, data in self.new])
        changed = [row for row in self.rows.values() if row.changed and not row.new]
        if changed:
            await self.update_issues.fetch(
                *(list(column) for column in zip(*map(self._values, changed), strict=True))
            )
        await copy("cosign", records=self.cosigns, columns=["issue", "person", "household", "in_force"])
        old = self.household_counts_before
        fresh = [(*key, n) for key, n in self.household_counts.items() if key not in old]
        await copy("cosign_household", records=fresh, columns=["issue", "household", "people"])
        grown = [(*key, n) for key, n in self.household_counts.items() if old.get(key, n) != n]
        if grown:
            await self.update_household_counts.fetch(*(list(column) for column in zip(*grown, strict=True)))
        rows = [("issues", *row) for row in out]
        await copy("outbox", records=rows, columns=["writer", "n", "id", "subject", "data"])

    @staticmethod
    def _record(r: IssueRow, d: Any) -> tuple[Any, ...]:
        """A new issue in the order of COLUMNS."""
        counts = (r.people, r.households, 0, 0, 0, r.version)
        return (
            r.id,
            r.state,
            d.title,
            d.text,
            r.place,
            d.channel,
            r.reporter,
            *counts,
            *(r.triage or (None,) * 5),
        )

    @staticmethod
    def _values(r: IssueRow) -> tuple[Any, ...]:
        """A changed issue in the order of the parameters of `update_issues`."""
        return (r.id, r.state, r.people, r.households, r.version, *(r.triage or (None,) * 5))
