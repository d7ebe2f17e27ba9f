"""Base classes of the service's tables, its copies of places, rules and persons, its deadlines, contact points, and
claims.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.directory import PersonRegistered
from microgov.contracts.message import Envelope
from microgov.contracts.notify import ContactRegistered, RegisterContact
from microgov.services.chassis.columns import FoldedBase, KeptBase
from microgov.services.chassis.deadline import DeadlineRow
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.reference_data import PlaceRow, RuleRow


class Base(FoldedBase):
    """Folded tables of the service notify."""

    __abstract__ = True


class Kept(KeptBase):
    """Kept tables of the service notify: addresses, and claims of senders."""

    __abstract__ = True


class Place(PlaceRow, Base):
    pass


class Rule(RuleRow, Base):
    pass


class Deadline(DeadlineRow, Base):
    pass


class Person(Base):
    """A registered person, and the language of their notices."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str]

    @classmethod
    def register(cls, m: Envelope[PersonRegistered], s: Session) -> None:
        """Stores the person's language from the directory's event."""
        row = s.get(cls, m.data.person)
        if row is None:
            s.add(cls(id=m.data.person, language=m.data.language))
        else:
            row.language = m.data.language

    @classmethod
    def language_of(cls, id: str, s: Session) -> str:
        """The person's language; Chinese if they are not registered."""
        row = s.get(cls, id)
        return row.language if row is not None else "zh-Hans"


class ContactChannel(Base):
    """A row means that the person has a contact point on the channel; it is `suppressed` after a permanent failure."""

    __tablename__ = "reach"
    person: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    suppressed: Mapped[bool]

    @classmethod
    def register(cls, m: Envelope[RegisterContact], s: Session) -> Said:
        """Registers a contact point; registering again lifts a suppression."""
        channel, person = m.data.channel, m.beneficiary
        check_channel(channel, "data.channel")
        row = s.get(cls, (person, channel))
        if row is None:
            s.add(cls(person=person, channel=channel, suppressed=False))
        else:
            row.suppressed = False
        return Said(ContactRegistered(person=person, channel=channel), m.subject)


REACHABLE = ("webhook",)
"""Notification channels other than the inbox. A notice gets one delivery on each channel that its recipient has; there is no
fallback from one to another.
"""


def check_channel(channel: str, field: str) -> None:
    """Raises the refusal `unknown_channel` for a channel that is not in REACHABLE; `field` is what named it."""
    if channel not in REACHABLE:
        raise Refused(
            "unknown_channel",
            f"没有“{channel}”这种通知渠道。目前可用：{'、'.join(REACHABLE)}。",
            f"There is no channel {channel}. It can be: {', '.join(REACHABLE)}.",
            field,
        )


class ContactPoint(Kept):
    """A contact point. Addresses and secrets are stored in this kept table only, never in the log."""

    __tablename__ = "contact"
    __table_args__ = {  # noqa: RUF012  # SQLAlchemy reads a plain class attribute
        "info": {"erased_by": "person", "told_on": ContactRegistered.TYPE}
    }
    person: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    secret: Mapped[str]


class Claim(Kept):
    """A row means that a sender has taken on this attempt at a delivery. If the attempt is not reported before the time-out,
    it is reported as unknown. `closed`: why an operator has closed it after a restore; no attempt is made.
    """

    __tablename__ = "claim"
    delivery: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    claimed_at: Mapped[datetime]
    reported: Mapped[bool]
    closed: Mapped[str | None]
