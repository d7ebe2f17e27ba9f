"""The hazard that an action item removes (domain.md §2.3)."""

from collections.abc import Sequence

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import ActionItem, Hazard
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Base


class Replacement(Base):
    """The hazard that an action item removes."""

    __tablename__ = "action_hazard"
    action: Mapped[str] = mapped_column(primary_key=True)
    hazard: Mapped[str]
    issue: Mapped[str | None]

    @classmethod
    def of(cls, action: str, s: Session) -> Hazard | None:
        """The hazard that the item names, or None."""
        row = s.get(cls, action)
        return None if row is None else Hazard(hazard=row.hazard, issue=row.issue)


def check_hazards_known(items: Sequence[ActionItem], s: Session, field: str) -> None:
    """Raises `not_found` if an item names the hazard of an issue that does not exist."""
    for item in items:
        if item.replaces is not None and item.replaces.issue is not None:
            Issue.find(s, item.replaces.issue, field)
