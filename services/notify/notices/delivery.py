"""Deliveries: one delivery is a notice on its way by one channel; the sender's reports determine its state (domain.md
§4).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.ids import message_id
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.notify import (
    DeliveryFailed,
    DeliverySucceeded,
    DeliveryUnknown,
    NoticeDelivered,
    NoticeUndeliverable,
)
from microgov.contracts.rules import NotifyRules
from microgov.services.chassis.model import AnyMessage, Life, Said, Transition
from microgov.services.chassis.reference_data import rules
from microgov.services.notify.model import Base, ContactChannel, Deadline, Rule
from microgov.services.notify.notices.notice import Notice

LIFE = Life(
    "delivery",
    "投递",
    {
        "pending": ("待发送", "waiting to be sent"),
        "waiting": ("待重试", "waiting for another attempt"),
        "delivered": ("已送达", "delivered"),
        "failed": ("未送达", "undeliverable"),
        "unknown": ("结果未知", "of unknown fate"),
    },
    {
        ("pending", DeliverySucceeded): Transition("delivered", NoticeDelivered),
        ("pending", DeliveryFailed): Transition("waiting", DeliveryFailed),
        ("pending", "given_up"): Transition("failed", NoticeUndeliverable),
        ("pending", DeliveryUnknown): Transition("unknown", NoticeUndeliverable),
        ("waiting", "retry"): Transition("pending", DeadlineReached),
    },
    frozenset({"delivered", "failed", "unknown"}),
)


class Delivery(Base):
    """A delivery of a notice by one channel. `attempt` is the number of the attempt that is due or running, from 1."""

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(primary_key=True)
    notice: Mapped[str]
    source_id: Mapped[str]
    notice_type: Mapped[str]
    recipient: Mapped[str]
    entity: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    attempt: Mapped[int]
    made_at: Mapped[datetime]

    @classmethod
    def start(cls, notice: Notice, channel: str, s: Session, state: str = "pending") -> "Delivery":
        """Adds a delivery whose first attempt is due, unless `state` says otherwise."""
        delivery = cls(
            id=message_id(notice.id, channel),
            notice=notice.id,
            source_id=notice.source_id,
            channel=channel,
            notice_type=notice.notice_type,
            recipient=notice.recipient,
            entity=notice.entity,
            state=state,
            attempt=1,
            made_at=notice.made_at,
        )
        s.add(delivery)
        return delivery

    @classmethod
    def to_inbox(cls, notice: Notice, s: Session) -> Said:
        """Adds the delivery to the inbox. The inbox consists of the rows of notices, so it counts as delivered at once."""
        return cls.start(notice, "inbox", s, "delivered")._delivered()

    @classmethod
    def report(cls, m: AnyMessage, s: Session) -> Iterator[Said]:
        """Handles the sender's report of an attempt."""
        delivery = s.get(cls, m.subject)
        if delivery is not None:
            yield from delivery._reported(m, s)

    @classmethod
    def due(cls, m: Envelope[DeadlineReached], s: Session) -> None:
        """Deadline: the next attempt is due."""
        delivery = s.get(cls, m.data.entity)
        if delivery is not None:
            delivery._retry(m, s)

    def _reported(self, m: AnyMessage, s: Session) -> Iterator[Said]:
        """Applies the report; it is ignored if the delivery is settled or the report is about another attempt."""
        if self.state != "pending" or m.data.attempt != self.attempt:
            return
        if isinstance(m.data, DeliveryFailed):
            yield from self._failed(m, s)
            return
        LIFE.move(self, m, s)
        yield self._delivered() if isinstance(m.data, DeliverySucceeded) else self._undeliverable(m.data.code)

    def _failed(self, m: Envelope[DeliveryFailed], s: Session) -> Iterator[Said]:
        """Sets the deadline of the next attempt by `notify.retry_seconds`. Gives up after a permanent failure, when no
        wait is left, or when `notify.ttl_hours` would be exceeded.
        """
        policy = rules(s, Rule, NotifyRules)
        waits = policy.retry_seconds
        wait = timedelta(seconds=waits[self.attempt - 1]) if self.attempt <= len(waits) else None
        ttl = self.made_at + timedelta(hours=policy.ttl_hours)
        if wait is not None and not m.data.permanent and m.recordedtime + wait <= ttl:
            LIFE.move(self, m, s)
            Deadline.put(s, "retry", self.id, m.recordedtime + wait)
            return
        LIFE.moved_by(self, "given_up", m, s)
        reach = s.get(ContactChannel, (self.recipient, self.channel))
        if m.data.permanent and reach is not None:
            reach.suppressed = True
        yield self._undeliverable(m.data.code)

    def _retry(self, m: Envelope[DeadlineReached], s: Session) -> None:
        if LIFE.allows(self.state, "retry"):
            LIFE.moved_by(self, "retry", m, s)
            self.attempt += 1

    def _delivered(self) -> Said:
        return Said(
            NoticeDelivered(
                source_id=self.source_id,
                notice_type=self.notice_type,
                recipient=self.recipient,
                entity=self.entity,
                channel=self.channel,
            ),
            self.notice,
        )

    def _undeliverable(self, code: str) -> Said:
        return Said(
            NoticeUndeliverable(
                source_id=self.source_id,
                notice_type=self.notice_type,
                entity=self.entity,
                recipient=self.recipient,
                channel=self.channel,
                attempts=self.attempt,
                code=code,
            ),
            self.notice,
        )
