"""How an issue is being handled: its owner, decline and appeal, returns, escalation, suspension, request to reopen."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import IssueEscalated
from microgov.services.chassis.model import Entity, Said
from microgov.services.issues.model import Base


class Handling(Base):
    """How one issue is being handled. An issue has no row until it is declined, routed, escalated, put on hold or asked
    to be reopened for the first time.

    `owner`: who is responsible for the issue now. `held_from`: the state to which an issue on hold returns. `level`:
    `community` until the issue is escalated, then `sub_district`. `reopen_asked`: a request to reopen is undecided.
    """

    __tablename__ = "course"
    issue: Mapped[str] = mapped_column(primary_key=True)
    declined_by: Mapped[str | None]
    appealed: Mapped[bool]
    owner: Mapped[str | None]
    returns: Mapped[int]
    level: Mapped[str]
    held_from: Mapped[str | None]
    reopen_asked: Mapped[bool]

    @classmethod
    def peek(cls, issue: str, s: Session) -> "Handling":
        """The issue's row for reading; without a row, a default one that is not stored."""
        return s.get(cls, issue) or cls(
            issue=issue,
            declined_by=None,
            appealed=False,
            owner=None,
            returns=0,
            level="community",
            held_from=None,
            reopen_asked=False,
        )

    @classmethod
    def of(cls, issue: str, s: Session) -> "Handling":
        """The issue's row for changes; it is added if there is none."""
        row = cls.peek(issue, s)
        if s.get(cls, issue) is None:
            s.add(row)
        return row

    def escalate(self, issue: Entity, cause: str, reason: str | None = None) -> Said:
        """Puts the issue onto the sub-district's agenda; `cause` is a short name of the reason, for the event."""
        self.level = "sub_district"
        return issue.say(IssueEscalated(level="sub_district", cause=cause, reason=reason))
