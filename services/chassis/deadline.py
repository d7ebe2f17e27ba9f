"""Deadlines: rows that say when something is due."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column


class DeadlineRow:
    """A mixin for a service's table of deadlines, with one row per kind and entity id; `due_at` is in UTC. When a deadline
    is due, the edge writes DeadlineReached and the handler of its kind runs.

    Each service's model defines its own class: `class Deadline(DeadlineRow, Base)`.
    """

    __tablename__ = "deadline"
    kind: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def put(cls, s: Session, kind: str, entity: str, due_at: datetime) -> None:
        """Sets when the deadline of this kind is due for the entity; it replaces an earlier one."""
        row = s.get(cls, (kind, entity))
        if row is None:
            row = cls()
            row.kind, row.entity, row.due_at = kind, entity, due_at
            s.add(row)
        row.due_at = due_at

    @classmethod
    def drop(cls, s: Session, kind: str, entity: str) -> None:
        """Removes the deadline of this kind for the entity."""
        row = s.get(cls, (kind, entity))
        if row is not None:
            s.delete(row)
