"""The plan under which an action item is tracked (domain.md §2.3)."""

from sqlalchemy.orm import Mapped, mapped_column

from microgov.services.issues.model import Base


class ActionPlan(Base):
    """The plan under which an action item is tracked."""

    __tablename__ = "action_plan"
    action: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str]
