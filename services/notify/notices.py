"""A notice: what should reach one person, once for each (source event, notice type, recipient) (domain.md §4)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.rules import CalendarRules
from services.chassis.house import in_force
from services.notify.model import Base, Rule
from services.notify.templates import Text, render


class Notice(Base):
    """`parameters` are what its template says in the recipient's language."""

    __tablename__ = "notice"
    id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    notice_type: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    entity: Mapped[str]
    language: Mapped[str]
    critical: Mapped[bool]
    parameters: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]

    def text(self, s: Session) -> Text:
        """What it says, in the recipient's language and by the wall clock of the section `calendar`."""
        offset = timedelta(minutes=in_force(s, Rule, CalendarRules).utc_offset_minutes)
        return render(self.notice_type, self.language, self.parameters, offset)
