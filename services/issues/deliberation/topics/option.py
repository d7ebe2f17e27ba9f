"""Options 方案 that people propose for a topic (domain.md §2.3)."""

from operator import attrgetter

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.services.chassis.model import Refused
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.model import Base


class Option(Base):
    """An option of a topic; `n` is its position in the order in which options were proposed, from 0."""

    __tablename__ = "option"
    topic: Mapped[str] = mapped_column(primary_key=True)
    option: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    text: Mapped[str]
    person: Mapped[str]
    carried: Mapped[bool]

    @classmethod
    def ids(cls, topic: str, s: Session) -> list[str]:
        """Ids of the topic's options, in the order in which they were proposed."""
        return [row.option for row in sorted(rows_under(s, cls, topic), key=attrgetter("n"))]

    @classmethod
    def of(cls, topic: str, option: str, s: Session) -> "Option":
        """The option; raises `unknown_option`."""
        row = s.get(cls, (topic, option))
        if row is None:
            raise unknown_option(option)
        return row


def unknown_option(option: str, field: str = "data.option") -> Refused:
    """The refusal `unknown_option`: the topic has no such option."""
    return Refused(
        "unknown_option",
        f"没有方案 {option}。请在已提出的方案中选择。",
        f"There is no option {option}. Choose among those that were proposed.",
        field,
    )
