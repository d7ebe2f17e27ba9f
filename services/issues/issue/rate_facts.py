"""The facts from which rates are counted (contracts/issues/rate.py). The handlers write one row for each fact.

There are rows instead of counters for two reasons: a fact can change later (a routing is returned, an issue withdrawn), and
rates are asked for any place and span of time. An issue that was never routed, reported or ended, and has no action item,
has no row here.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.fields import RESIDENTS
from microgov.contracts.issues import AnswerSurvey
from microgov.services.chassis.model import AnyMessage
from microgov.services.issues.model import Base


class RatePeriod(Base):
    """The part of an issue's life from its submission, or a reopening, to the next reopening; `n` counts reopenings.

    `recipients` is how many people were to get the result at `reported_at`. `ending` is `closed`, `declined` or `withdrawn`.
    """

    __tablename__ = "rate_round"
    issue: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    reported_at: Mapped[datetime | None]
    recipients: Mapped[int]
    ending: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    deliberated: Mapped[bool]
    reopened: Mapped[bool]

    @classmethod
    def of(cls, issue: str, s: Session) -> "RatePeriod":
        """The current period of the issue; the first one is added if there is none."""
        row = s.get(cls, (issue, 0)) or cls._begin(issue, 0, s)
        while row.reopened:
            row = s.get_one(cls, (issue, row.n + 1))
        return row

    @classmethod
    def _begin(cls, issue: str, n: int, s: Session) -> "RatePeriod":
        row = cls(
            issue=issue,
            n=n,
            reported_at=None,
            recipients=0,
            ending=None,
            ended_at=None,
            deliberated=False,
            reopened=False,
        )
        s.add(row)
        return row

    def reported(self, at: datetime, recipients: int) -> None:
        """Records when the result was reported and how many people are to get it."""
        self.reported_at, self.recipients = at, recipients

    def end(self, ending: str, at: datetime, deliberated: bool = False) -> None:
        """Records how and when the issue ended, and whether it had a deliberation record."""
        self.ending, self.ended_at, self.deliberated = ending, at, deliberated

    def remove_ending(self) -> None:
        """Removes the ending, because an appeal opens the declined issue again."""
        self.ending, self.ended_at = None, None

    def reopen(self, s: Session) -> None:
        """Ends this period by a reopening and begins the next."""
        self.reopened = True
        RatePeriod._begin(self.issue, self.n + 1, s)


class Routing(Base):
    """The `n`th routing of the issue, in the period `round`; `returned` if the owner gave it back."""

    __tablename__ = "rate_routing"
    issue: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    round: Mapped[int]
    at: Mapped[datetime]
    returned: Mapped[bool]

    @classmethod
    def _last(cls, issue: str, s: Session) -> "Routing | None":
        last = None
        while (row := s.get(cls, (issue, last.n + 1 if last else 1))) is not None:
            last = row
        return last

    @classmethod
    def add(cls, issue: str, at: datetime, s: Session) -> None:
        """Records another routing."""
        last = cls._last(issue, s)
        s.add(
            cls(
                issue=issue,
                n=last.n + 1 if last else 1,
                round=RatePeriod.of(issue, s).n,
                at=at,
                returned=False,
            )
        )

    @classmethod
    def give_back(cls, issue: str, s: Session) -> None:
        """Marks the last routing as returned."""
        last = cls._last(issue, s)
        if last is not None:
            last.returned = True


class ActionItemFact(Base):
    """An action item, defined at `at`, in the period `round`. `claimed`: a resident has claimed it, or somebody on behalf of
    a person.
    """

    __tablename__ = "rate_item"
    item: Mapped[str] = mapped_column(primary_key=True)
    issue: Mapped[str]
    round: Mapped[int]
    at: Mapped[datetime]
    claimed: Mapped[bool]

    @classmethod
    def define(cls, items: list[str], issue: str, at: datetime, s: Session) -> None:
        """Records the items of a resolution, or the item that the branch has defined directly."""
        if items:
            n = RatePeriod.of(issue, s).n
            s.add_all([cls(item=item, issue=issue, round=n, at=at, claimed=False) for item in items])

    @classmethod
    def claim(cls, item: str, m: AnyMessage, s: Session) -> None:
        """Marks the item as claimed if the sender has a resident's role or acts on behalf of a person."""
        row = s.get(cls, item)
        if row is not None:
            row.claimed = m.role in RESIDENTS or m.onbehalfof is not None

    @classmethod
    def assign(cls, item: str, s: Session) -> None:
        """Records that the branch has assigned the item, which so no longer counts as claimed."""
        row = s.get(cls, item)
        if row is not None:
            row.claimed = False


class SurveyFact(Base):
    """A person who has answered the survey, or whom enough attempts did not reach; other recipients have no row.

    `told`: the person is a recipient of the result. The sender of the report is no recipient, but may answer the survey.
    """

    __tablename__ = "rate_person"
    issue: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[bool]
    unreachable: Mapped[bool]
    answered: Mapped[bool]
    contacted: Mapped[bool]
    solved: Mapped[bool]
    satisfied: Mapped[bool]

    @classmethod
    def _of(cls, issue: str, person: str, told: bool, s: Session) -> "SurveyFact":
        n = RatePeriod.of(issue, s).n
        row = s.get(cls, (issue, n, person))
        if row is None:
            row = cls(
                issue=issue,
                round=n,
                person=person,
                told=told,
                unreachable=False,
                answered=False,
                contacted=False,
                solved=False,
                satisfied=False,
            )
            s.add(row)
        return row

    @classmethod
    def unreached(cls, issue: str, person: str, s: Session) -> None:
        """Records a recipient as unreachable after enough attempts."""
        cls._of(issue, person, True, s).unreachable = True

    @classmethod
    def reached(cls, issue: str, person: str, s: Session) -> None:
        """Records that a later attempt has reached the person, who is no longer unreachable."""
        row = s.get(cls, (issue, RatePeriod.of(issue, s).n, person))
        if row is not None:
            row.unreachable = False

    @classmethod
    def answer(cls, issue: str, person: str, told: bool, d: AnswerSurvey, s: Session) -> None:
        """Records the three answers."""
        row = cls._of(issue, person, told, s)
        row.answered, row.contacted, row.solved, row.satisfied = True, d.contacted, d.solved, d.satisfied
