"""Lines of the problem list 问题清单 and the service list 服务清单, and the state of the issue or order that each became."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts import matching
from microgov.contracts.ids import message_id
from microgov.contracts.issues import LineFate
from microgov.contracts.message import Event
from microgov.services.chassis.model import AnyMessage
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Base
from microgov.services.issues.visits.visit import Visit


class Fate(NamedTuple):
    """The state of an order, named as in matching; `outcome` says how the order ended (None while it is open)."""

    state: str
    outcome: str | None = None


FATES: Mapping[type[Event], Fate] = {
    matching.OrderPlaced: Fate("placed"),
    matching.OrderNotPlaced: Fate("not_placed"),
    matching.OrderAccepted: Fate("ready"),
    matching.OrderRejected: Fate("rejected", "irrelevant"),
    matching.OrderAssigned: Fate("assigned"),
    matching.OrderWaitlisted: Fate("waitlisted"),
    matching.OrderPromoted: Fate("ready"),
    matching.AssignmentAccepted: Fate("staffing"),
    matching.AssignmentDeclined: Fate("ready"),
    matching.AssignmentExpired: Fate("ready"),
    matching.OrderStaffed: Fate("scheduled"),
    matching.OrderUnderstaffed: Fate("staffing"),
    matching.OrderReleased: Fate("ready"),
    matching.ServiceStarted: Fate("in_service"),
    matching.ServiceCompleted: Fate("done"),
    matching.OrderRated: Fate("closed", "fulfilled"),
    matching.OrderClosed: Fate("closed", "fulfilled"),
    matching.OrderCancelled: Fate("cancelled", "cancelled"),
    matching.OrderFailed: Fate("closed", "failed"),
}
"""Event about an order → the state and outcome that it gives to the order's line."""
ENDS = {
    "problem": ("closed", "declined", "withdrawn"),
    "service": ("closed", "rejected", "cancelled", "not_placed"),
}


class Line(Base):
    """A line of a visit's lists; its key `entity` is the id of the issue or order that it became.

    `state` and `outcome` are set for orders only; those of an issue are read from the issue.
    """

    __tablename__ = "visit_line"
    entity: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    line: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str | None]
    outcome: Mapped[str | None]

    @classmethod
    def names(cls, visit: str, count: int) -> list[str]:
        """Ids of the issues or orders for the first `count` lines, derived from the visit and the line number."""
        return [message_id(visit, f"line/{n}") for n in range(1, count + 1)]

    @classmethod
    def put(cls, visit: Visit, n: int, id: str, problem: bool, s: Session) -> "Line":
        row = cls(
            entity=id,
            visit=visit.id,
            line=n,
            kind="problem" if problem else "service",
            state=None if problem else "requested",
            outcome=None,
        )
        s.add(row)
        return row

    @classmethod
    def of(cls, visit: str, s: Session) -> list["Line"]:
        """All lines of a visit, by line number."""
        return list(s.scalars(select(cls).where(cls.visit == visit).order_by(cls.line)))

    @classmethod
    def update(cls, m: AnyMessage, s: Session) -> None:
        """Updates the line of the order that the event is about, if there is one. An ended line stays as it is."""
        row = s.get(cls, m.subject)
        if row is not None and row.kind == "service" and row.state not in ENDS["service"]:
            row.state, row.outcome = FATES[type(m.data)]

    def fate(self, s: Session) -> LineFate:
        """The current state of the line."""
        issue = Issue.find(s, self.entity) if self.kind == "problem" else None
        state, outcome = (issue.state, issue.outcome) if issue else (self.state, self.outcome)
        return LineFate.model_validate(
            {"line": self.line, "kind": self.kind, "entity": self.entity, "state": state, "outcome": outcome}
        )

    def ended(self, s: Session) -> bool:
        """Whether its issue or order has ended."""
        return self.fate(s).state in ENDS[self.kind]
