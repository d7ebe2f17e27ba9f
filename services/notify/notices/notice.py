"""A notice: a message to one person, made once for each source event, notice type and recipient (domain.md §4)."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.rules import CalendarRules
from microgov.services.chassis.reference_data import rules_in_force
from microgov.services.notify.model import Base, Rule
from microgov.services.notify.notices.templates import Text, render


class NoticeCounter(Base):
    """The number of notices so far, in one row. It numbers the notices, because a handler does not know the position of a
    message in the log.
    """

    __tablename__ = "tally"
    ONE: ClassVar[int] = 1
    one: Mapped[int] = mapped_column(primary_key=True)
    notices: Mapped[int]

    @classmethod
    def of(cls, s: Session) -> "NoticeCounter":
        """The row, added if there is none."""
        row = s.get(cls, cls.ONE)
        if row is None:
            row = cls(one=cls.ONE, notices=0)
            s.add(row)
        return row

    def next(self) -> int:
        """The number of the next notice."""
        self.notices += 1
        return self.notices


class Notice(Base):
    """A notice. `parameters` are the values for its template; `number` is its position among all notices (0: made before
    notices had numbers).
    """

    __tablename__ = "notice"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(server_default="0")
    source_id: Mapped[str]
    notice_type: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    entity: Mapped[str]
    language: Mapped[str]
    critical: Mapped[bool]
    parameters: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]

    def text(self, s: Session) -> Text:
        """The rendered text, in the recipient's language and in local time (section `calendar`)."""
        offset = timedelta(minutes=rules_in_force(s, Rule, CalendarRules).utc_offset_minutes)
        return render(self.notice_type, self.language, self.parameters, offset)
