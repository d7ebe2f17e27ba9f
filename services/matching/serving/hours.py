"""The ledger of hours 时长. It is append-only: a wrong line is reversed, and another is entered (domain.md §3.1, I8)."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.matching import HoursEntered, HoursReversed
from microgov.contracts.matching.vocabulary import MAX_MINUTES
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.model import Base
from microgov.services.matching.serving.proposals import Proposal


class HoursEntry(Base):
    """A line of the ledger, which is never changed or deleted. A line with `reverses` takes back the line of that
    number; its `minutes` are negative.
    """

    __tablename__ = "hours_entry"
    proposal: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    order: Mapped[str]
    organisation: Mapped[str]
    duty: Mapped[str]
    kind: Mapped[str]
    minutes: Mapped[int]
    at: Mapped[datetime]
    reverses: Mapped[int | None]


def enter(proposal: Proposal, kind: str, minutes: int, m: AnyMessage, s: Session) -> Said:
    """Adds a line for the task. Minutes above 31 days are cut, because then a check-out was forgotten. Raises
    `hours_entered` (I8).
    """
    minutes = min(minutes, MAX_MINUTES)
    if line_in_force(proposal.id, kind, s) is not None:
        raise Refused(
            "hours_entered",
            f"邀约 {proposal.id} 的 {kind} 时长已入账。更正请用 CorrectHours。",
            f"The {kind} hours of {proposal.id} are entered already. To change them send CorrectHours.",
            "data.kind",
        )
    return proposal.say(HoursEntered.model_validate(_line(proposal, kind, minutes, _next(proposal, s), m, s)))


def correct(
    proposal: Proposal, kind: str, minutes: int, reason: str, m: AnyMessage, s: Session
) -> Iterator[Said]:
    """Reverses the line of this kind and enters another; raises `hours_not_entered` if there is none."""
    wrong = line_in_force(proposal.id, kind, s)
    if wrong is None:
        raise Refused(
            "hours_not_entered",
            f"邀约 {proposal.id} 没有 {kind} 时长可更正。请先入账。",
            f"There are no {kind} hours of {proposal.id} to correct. Enter them first.",
            "data.kind",
        )
    number = _next(proposal, s)
    taken = _line(proposal, kind, -wrong.minutes, number, m, s, wrong.number)
    said = {**taken, "minutes": wrong.minutes, "reverses": wrong.number, "reason": reason}
    yield proposal.say(HoursReversed.model_validate(said))
    if minutes:
        yield proposal.say(HoursEntered.model_validate(_line(proposal, kind, minutes, number + 1, m, s)))


def line_in_force(proposal: str, kind: str, s: Session) -> HoursEntry | None:
    """The task's line of this kind that has not been reversed, or None."""
    lines = [row for row in rows_under(s, HoursEntry, proposal) if row.kind == kind]
    reversed_ = {row.reverses for row in lines}
    return next((row for row in lines if row.reverses is None and row.number not in reversed_), None)


def _next(proposal: Proposal, s: Session) -> int:
    """The number of the task's next line."""
    return len(rows_under(s, HoursEntry, proposal.id)) + 1


def _line(
    proposal: Proposal,
    kind: str,
    minutes: int,
    number: int,
    m: AnyMessage,
    s: Session,
    reverses: int | None = None,
) -> dict[str, object]:
    """Adds a line and returns its fields for the event."""
    about: dict[str, object] = {
        "order": proposal.order,
        "organisation": proposal.organisation,
        "person": proposal.person,
        "duty": proposal.duty,
        "kind": kind,
        "minutes": minutes,
        "number": number,
    }
    s.add(HoursEntry(proposal=proposal.id, at=m.recordedtime, reverses=reverses, **about))
    return about
