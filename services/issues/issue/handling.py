"""What is known of the few issues that do not take the straight way: declined, routed, on hold, asked for again."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import IssueEscalated
from microgov.services.chassis.model import Entity, Said
from microgov.services.issues.model import Base


class Handling(Base):
    """One row for each such issue; who takes the straight way has none.

    `held_from` is the state to which it goes back; `level` is `community` until it is escalated.
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
    def seen(cls, issue: str, s: Session) -> "Handling":
        """The row, or one as it would be, to look at."""
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
        """The row, made where there was none, to change."""
        row = cls.seen(issue, s)
        if s.get(cls, issue) is None:
            s.add(row)
        return row

    def escalate(self, issue: Entity, cause: str, reason: str | None = None) -> Said:
        """It is the sub-district's from here on."""
        self.level = "sub_district"
        return issue.say(IssueEscalated(level="sub_district", cause=cause, reason=reason))
