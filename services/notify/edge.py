"""The sender: takes due deliveries, sends them, reports what became of them; the fold decides what follows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts.message import Event
from contracts.notify import DeliveryFailed, DeliverySucceeded, DeliveryUnknown
from services.notify.channels.outcome import Address, Channel, Letter, Outcome
from services.notify.deliveries import Delivery
from services.notify.model import Claim, Contact
from services.notify.notices import Notice

Report = Callable[[list[tuple[str, Event]]], Awaitable[None]]
AT_ONCE = 50


class Job(NamedTuple):
    """An attempt that this sender has claimed."""

    delivery: str
    attempt: int
    channel: str
    contact: Address | None
    letter: Letter


class Sender:
    """Claims each attempt before making it, so that no crash makes it twice; `timeout` outlasts any channel's own."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        report: Report,
        now: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=60),
    ) -> None:
        self._engine, self._channels, self._report, self._now, self._timeout = engine, channels, report, now, timeout

    async def step(self) -> int:
        """One round; says how many attempts it reported."""
        lost = await asyncio.to_thread(self._abandoned)
        jobs = await asyncio.to_thread(self._claim)
        outcomes = await asyncio.gather(*(self._send(job) for job in jobs))
        settled = [*lost, *((job.delivery, job.attempt, o) for job, o in zip(jobs, outcomes, strict=True))]
        if settled:
            await self._report([(delivery, event_of(attempt, outcome)) for delivery, attempt, outcome in settled])
            await asyncio.to_thread(self._mark, [(delivery, attempt) for delivery, attempt, _ in settled])
        return len(settled)

    def _abandoned(self) -> list[tuple[str, int, Outcome]]:
        since = self._now() - self._timeout
        with Session(self._engine) as s:
            stale = select(Claim).where(Claim.reported.is_(False), Claim.claimed_at <= since)
            rows = s.scalars(stale.order_by(Claim.delivery, Claim.attempt).limit(AT_ONCE))
            return [(row.delivery, row.attempt, Outcome("unknown", "no_report")) for row in rows]

    def _claim(self) -> list[Job]:
        mine = and_(Claim.delivery == Delivery.id, Claim.attempt == Delivery.attempt)
        due = select(Delivery).outerjoin(Claim, mine).where(Delivery.state == "pending", Claim.delivery.is_(None))
        with Session(self._engine) as s:
            jobs = [self._job(row, s) for row in s.scalars(due.order_by(Delivery.id).limit(AT_ONCE)).all()]
            for job in jobs:
                s.add(Claim(delivery=job.delivery, attempt=job.attempt, claimed_at=self._now(), reported=False))
            try:
                s.commit()
            except IntegrityError:  # another sender was faster; the next round sees what is left
                return []
        return jobs

    def _job(self, row: Delivery, s: Session) -> Job:
        notice, contact = s.get_one(Notice, row.notice), s.get(Contact, (row.recipient, row.channel))
        text = notice.text(s)
        letter = Letter(row.id, notice.id, notice.notice_type, notice.entity, notice.language, text.title, text.body)
        address = Address(contact.address, contact.secret) if contact is not None else None
        return Job(row.id, row.attempt, row.channel, address, letter)

    async def _send(self, job: Job) -> Outcome:
        channel = self._channels.get(job.channel)
        if channel is None or job.contact is None:
            return Outcome("temporary", "no_contact")
        return await channel.send(job.contact, job.letter)

    def _mark(self, settled: list[tuple[str, int]]) -> None:
        with Session(self._engine) as s:
            for key in settled:
                s.get_one(Claim, key).reported = True
            s.commit()


def event_of(attempt: int, outcome: Outcome) -> Event:
    """The report of an attempt."""
    if outcome.fate == "ok":
        return DeliverySucceeded(attempt=attempt, code=outcome.code)
    if outcome.fate == "unknown":
        return DeliveryUnknown(attempt=attempt, code=outcome.code)
    return DeliveryFailed(attempt=attempt, code=outcome.code, permanent=outcome.fate == "permanent")
