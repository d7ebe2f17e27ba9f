"""Tasks: who serves when, with arrival and departure; a person has never two tasks at the same time (I2, domain.md §3.2)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.rules.serving import TaskRules
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.chassis.times import moved
from microgov.services.matching.model import Base, rules_in_force


class Task(Base):
    """A row means that the person has accepted to serve the order. `starts` and `ends` are those of the slot, if there is
    one. The row is deleted when the task ends.
    """

    __tablename__ = "task"
    person: Mapped[str] = mapped_column(primary_key=True)
    proposal: Mapped[str] = mapped_column(primary_key=True)
    order: Mapped[str]
    starts: Mapped[datetime | None]
    ends: Mapped[datetime | None]
    came_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    @classmethod
    def begin(
        cls,
        person: str,
        proposal: str,
        order: str,
        starts: datetime | None,
        ends: datetime | None,
        s: Session,
    ) -> None:
        """Adds the task."""
        s.add(
            cls(
                person=person,
                proposal=proposal,
                order=order,
                starts=starts,
                ends=ends,
                came_at=None,
                left_at=None,
            )
        )

    @classmethod
    def end(cls, person: str, proposal: str, s: Session) -> "Task | None":
        """Removes the task and returns it, if there is one."""
        row = s.get(cls, (person, proposal))
        if row is not None:
            s.delete(row)
        return row

    @property
    def minutes(self) -> int | None:
        """Whole minutes from arrival to departure; None if either is not recorded."""
        if self.came_at is None or self.left_at is None:
            return None
        return int((self.left_at - self.came_at).total_seconds() // 60)


def is_free(person: str, starts: datetime | None, ends: datetime | None, s: Session) -> bool:
    """Whether the half-open interval, with travel time (`tasks.travel_minutes`) on both sides, overlaps no task of the
    person; True without a time.
    """
    if starts is None or ends is None:
        return True
    way = timedelta(minutes=rules_in_force(s, TaskRules).travel_minutes)
    until = moved(ends, way)
    return not any(
        task.starts is not None
        and task.ends is not None
        and starts < moved(task.ends, way)
        and task.starts < until
        for task in rows_under(s, Task, person)
    )
