"""A notice: what should reach one person, once for each (source event, notice type, recipient) (domain.md §4)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from services.notify.model import Base


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
