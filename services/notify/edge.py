"""The delivery sender: makes the deliveries that are due, by any channel, and reports the outcomes; the fold decides what
follows.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from microgov.contracts.message import Event
from microgov.contracts.notify import DeliveryFailed, DeliverySucceeded, DeliveryUnknown
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.infrastructure import is_infrastructure
from microgov.services.chassis.telemetry import logger
from microgov.services.notify.channels.outcome import AttemptOutcome, Channel, ContactAddress, Letter
from microgov.services.notify.model import Claim, ContactPoint
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.notice import Notice

Report = Callable[[list[tuple[str, Event]]], Awaitable[None]]
MAX_PARALLEL, ENDED_WAIT = 50, 0.2
CLAIM_LASTS = timedelta(seconds=60)
log = logger("sender")


class Job(NamedTuple):
    """An attempt that this sender has claimed; `letter` is None if the notice could not be rendered."""

    delivery: str
    attempt: int
    channel: str
    contact: ContactAddress | None
    letter: Letter | None


Attempt = tuple[str, int]
"""Id of a delivery, and number of the attempt."""


class DeliverySender:
    """Claims each attempt before it makes it, so that no attempt is made twice, even after a crash.

    Attempts run concurrently over several steps; each is reported by the first step after it has ended. `timeout` must be
    longer than the time-out of any channel: a claim older than this is reported as unknown.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        report: Report,
        now: Callable[[], datetime],
        timeout: timedelta = CLAIM_LASTS,
        counters: Counter[str] | None = None,
        points: FaultPoints = NO_FAULTS,
    ) -> None:
        self._engine, self._channels, self._report, self._now, self._timeout = (
            engine,
            channels,
            report,
            now,
            timeout,
        )
        self._counters = Counter[str]() if counters is None else counters
        self._running: dict[Attempt, asyncio.Task[AttemptOutcome]] = {}
        self._points = points

    async def step(self) -> int:
        """Starts the attempts that are due and reports those that have ended; returns how many were reported."""
        try:
            return await self._step()
        except asyncio.CancelledError:
            await self.end()
            raise

    async def end(self) -> None:
        """Cancels running attempts; their claims will be reported as unknown."""
        await cancel_and_wait(*self._running.values())
        self._running.clear()

    async def _step(self) -> int:
        settled = await asyncio.to_thread(self._abandoned)
        for attempt in settled:
            if (task := self._running.pop(attempt, None)) is not None:
                await cancel_and_wait(task)
        jobs = await asyncio.to_thread(self._claim)
        if jobs:
            self._points.hit("claimed")
        for job in jobs:
            self._running[job.delivery, job.attempt] = asyncio.create_task(self._send(job))
        settled |= await self._ended()
        if settled:
            self._points.hit("answered")
            await self._report(
                [(delivery, event_of(n, outcome)) for (delivery, n), outcome in settled.items()]
            )
            self._points.hit("reported")
            await asyncio.to_thread(self._mark_reported, list(settled))
        for attempt in settled:
            self._running.pop(attempt, None)
        return len(settled)

    async def _ended(self) -> dict[Attempt, AttemptOutcome]:
        """Outcomes of ended attempts, after a short wait for the first; they stay in `_running` until reported."""
        if self._running:
            await asyncio.wait(
                self._running.values(), timeout=ENDED_WAIT, return_when=asyncio.FIRST_COMPLETED
            )
        return {attempt: task.result() for attempt, task in self._running.items() if task.done()}

    def _abandoned(self) -> dict[Attempt, AttemptOutcome]:
        """Claims older than the time-out without a report; their outcome is unknown."""
        since = self._now() - self._timeout
        with Session(self._engine) as s:
            stale = select(Claim).where(Claim.reported.is_(False), Claim.claimed_at <= since)
            rows = s.scalars(stale.order_by(Claim.delivery, Claim.attempt).limit(MAX_PARALLEL))
            return {
                (row.delivery, row.attempt): AttemptOutcome("unknown", "no_report")
                if row.closed is None
                else AttemptOutcome("unknown", "closed_after_restore", row.closed)
                for row in rows
            }

    def _claim(self) -> list[Job]:
        """Claims due deliveries that nobody has claimed, and returns them as jobs."""
        mine = and_(Claim.delivery == Delivery.id, Claim.attempt == Delivery.attempt)
        due = (
            select(Delivery)
            .outerjoin(Claim, mine)
            .where(Delivery.state == "pending", Claim.delivery.is_(None))
        )
        free = MAX_PARALLEL - len(self._running)
        with Session(self._engine) as s:
            jobs = [self._job(row, s) for row in s.scalars(due.order_by(Delivery.id).limit(free)).all()]
            for job in jobs:
                s.add(
                    Claim(delivery=job.delivery, attempt=job.attempt, claimed_at=self._now(), reported=False)
                )
            try:
                s.commit()
            except IntegrityError:  # another sender was faster; the next step claims what is left
                return []
        return jobs

    def _job(self, row: Delivery, s: Session) -> Job:
        contact = s.get(ContactPoint, (row.recipient, row.channel))
        address = ContactAddress(contact.address, contact.secret) if contact is not None else None
        return Job(row.id, row.attempt, row.channel, address, self._letter(row, s))

    def _letter(self, row: Delivery, s: Session) -> Letter | None:
        try:
            notice = s.get_one(Notice, row.notice)
            text = notice.text(s)
        except Exception as error:
            if is_infrastructure(error):
                raise
            self._count_failure("a notice could not be told; the others are", row.id)
            return None
        return Letter(
            row.id, notice.id, notice.notice_type, notice.entity, notice.language, text.title, text.body
        )

    async def _send(self, job: Job) -> AttemptOutcome:
        channel = self._channels.get(job.channel)
        if job.letter is None:
            return AttemptOutcome("temporary", "not_tellable")
        if channel is None or job.contact is None:
            return AttemptOutcome("temporary", "no_contact")
        try:
            return await channel.send(job.contact, job.letter)
        except Exception:
            self._count_failure("a channel has raised; the other deliveries go on", job.delivery)
            return AttemptOutcome("unknown", "not_foreseen")

    def _count_failure(self, what: str, delivery: str) -> None:
        self._counters["untold"] += 1
        log.error(what, delivery=delivery)

    def _mark_reported(self, settled: list[Attempt]) -> None:
        with Session(self._engine) as s:
            for key in settled:
                s.get_one(Claim, key).reported = True
            s.commit()


def event_of(attempt: int, outcome: AttemptOutcome) -> Event:
    """The event that reports the outcome of an attempt."""
    if outcome.fate == "ok":
        return DeliverySucceeded(attempt=attempt, code=outcome.code)
    if outcome.fate == "unknown":
        return DeliveryUnknown(attempt=attempt, code=outcome.code, reason=outcome.reason)
    return DeliveryFailed(attempt=attempt, code=outcome.code, permanent=outcome.fate == "permanent")
