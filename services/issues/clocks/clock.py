"""The time limits 时限 of an issue: dispatch, first contact, report back, deliberation due (domain.md §2.1.6). In code and
messages a time limit is called a clock; it has nothing to do with the tenant's clock.

A time limit runs only if the operator has set its number of working days. If the calendar lacks the year, there is no due
date, and `ClockUnknown` is published. While an issue is on hold, its time limits stop. A due date that was published does
not change, even if the calendar changes later.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import ClockName, ClockStarted, ClockUnknown
from microgov.contracts.rules import CalendarRules, ClockRules
from microgov.services.chassis.model import AnyMessage, Entity, Said
from microgov.services.chassis.reference_data import rules
from microgov.services.issues.clocks.working_calendar import Calendar, UnknownYear
from microgov.services.issues.model import Base, Deadline, Rule, rules_in_force

DUE = "deliberation_due"
"""The deadline by which an emergency is deliberated. It is a time limit only if the rules count it in working days."""
CLOCKS = ("dispatch", "first_contact", "report_back", DUE)


class Clock(Base):
    """A time limit that has started and not ended; `days` is the number of working days counted from its last start.

    `due_at` (UTC) is None while it is not known or the issue is on hold. `held`: the issue is on hold, and `days` are the
    days left. `breached`: the due date has passed and this was reported; the issue stays on the overdue list until the work
    is done.
    """

    __tablename__ = "clock"
    issue: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    due_at: Mapped[datetime | None]
    held: Mapped[bool]
    breached: Mapped[bool]

    @property
    def name(self) -> ClockName:
        """The time limit's name in messages."""
        return cast(ClockName, self.kind)

    @classmethod
    def add_missed(cls, issue: str, kind: str, due_at: datetime, s: Session) -> None:
        """Adds a breached time limit for a missed deadline that was not counted in working days and so had no row."""
        s.add(cls(issue=issue, kind=kind, days=0, due_at=due_at, held=False, breached=True))

    def run(self, issue: Entity, since: datetime, s: Session) -> Said:
        """Starts counting at `since`. The stored deadline is first the time of the warning (if the rules set one) and after
        that the due date.
        """
        calendar, warning = calendar_of(s), rules_in_force(s, ClockRules).warning_days
        try:
            self.due_at = calendar.after(since, self.days)
            warn = calendar.after(since, self.days - warning) if 0 < warning < self.days else self.due_at
        except UnknownYear as unknown:
            self.due_at = None
            return issue.say(ClockUnknown(clock=self.name, working_days=self.days, year=unknown.year))
        Deadline.put(s, self.kind, self.issue, warn)
        return issue.say(ClockStarted(clock=self.name, working_days=self.days, due_at=self.due_at))

    def hold(self, at: datetime, s: Session) -> None:
        """Stops the time limit and keeps the number of working days left, at least one."""
        if self.due_at is not None:
            self.days = max(1, calendar_of(s).left(at, self.due_at))
        self.held, self.due_at = True, None
        Deadline.drop(s, self.kind, self.issue)


def start_first_clocks(issue: Entity, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Starts `dispatch` and `report_back`, when the issue is accepted or reopened."""
    yield from start(issue, "dispatch", m, s)
    yield from start(issue, "report_back", m, s)


def start(issue: Entity, kind: str, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Starts the time limit, or starts it again, if the rules set a number of days for it."""
    if s.get(Rule, "clocks") is None:
        return
    days = getattr(rules(s, Rule, ClockRules), f"{kind}_days")
    if days:
        yield run(issue, kind, days, m, s)


def run(issue: Entity, kind: str, days: int, m: AnyMessage, s: Session) -> Said:
    """Starts the time limit, or starts it again, for `days` working days."""
    row = s.get(Clock, (issue.id, kind))
    if row is None:
        row = Clock(issue=issue.id, kind=kind, days=days, due_at=None, held=False, breached=False)
        s.add(row)
    row.days, row.held, row.breached = days, False, False
    return row.run(issue, m.recordedtime, s)


def end_of_working_day(m: AnyMessage, days: int, s: Session) -> datetime | None:
    """The end of the `days`th working day from now; None if the calendar lacks the year."""
    try:
        return calendar_of(s).after(m.recordedtime, days)
    except UnknownYear:
        return None


def stop(issue: Entity, s: Session, *kinds: str) -> None:
    """Removes time limits whose work is done or no longer needed; without `kinds`, all time limits of the issue."""
    for kind in kinds or CLOCKS:
        row = s.get(Clock, (issue.id, kind))
        if row is not None:
            s.delete(row)
            Deadline.drop(s, kind, issue.id)


def hold(issue: Entity, m: AnyMessage, s: Session) -> None:
    """Stops the issue's time limits while it is on hold; breached ones stay as they are."""
    for row in _running(issue, s):
        row.hold(m.recordedtime, s)


def resume(issue: Entity, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Starts the stopped time limits again with the days that were left."""
    for row in _running(issue, s):
        row.held = False
        yield row.run(issue, m.recordedtime, s)


def calendar_of(s: Session) -> Calendar:
    """The operator's calendar; without a section `calendar` it knows no year."""
    return Calendar.of(rules_in_force(s, CalendarRules))


def _running(issue: Entity, s: Session) -> list[Clock]:
    """The issue's time limits that are not breached."""
    return [
        row for kind in CLOCKS if (row := s.get(Clock, (issue.id, kind))) is not None and not row.breached
    ]
