"""Strikes 爽约: a person with several no-shows or late drop-outs is not asked for a while (domain.md §3.2)."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.matching import StrikeGiven
from microgov.contracts.rules.serving import TaskRules
from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.model import Base, rules_in_force

Reason = Literal["no_show", "late_drop_out"]


class Strike(Base):
    """A strike, at most one for each task."""

    __tablename__ = "strike"
    person: Mapped[str] = mapped_column(primary_key=True)
    proposal: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]


class Pause(Base):
    """The person is not asked before `until`."""

    __tablename__ = "pause"
    person: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]


def strike(person: str, proposal: str, order: str, reason: Reason, m: AnyMessage, s: Session) -> StrikeGiven:
    """Adds a strike; at `tasks.strikes` strikes within `tasks.window_days` days the person is paused."""
    rules, now = rules_in_force(s, TaskRules), m.recordedtime
    s.add(Strike(person=person, proposal=proposal, reason=reason, at=now))
    since = now - timedelta(days=rules.window_days)
    number = 1 + sum(row.at > since for row in rows_under(s, Strike, person) if row.proposal != proposal)
    until = now + timedelta(days=rules.pause_days) if rules.strikes and number >= rules.strikes else None
    if until is not None:
        _pause(person, until, s)
    return StrikeGiven(order=order, person=person, reason=reason, number=number, paused_until=until)


def _pause(person: str, until: datetime, s: Session) -> None:
    row = s.get(Pause, person)
    if row is None:
        s.add(Pause(person=person, until=until))
    else:
        row.until = until


def check_not_paused(person: str, m: AnyMessage, s: Session) -> None:
    """Raises `person_paused` during the person's pause."""
    row = s.get(Pause, person)
    if row is not None and m.recordedtime < row.until:
        raise Refused(
            "person_paused",
            f"{person} 多次爽约，{row.until:%Y-%m-%d %H:%M} (UTC) 前不再邀约。请另邀他人。",
            f"{person} has not come too often and is not asked before {row.until:%Y-%m-%d %H:%M} (UTC). Ask somebody else.",
            "data.person",
        )
