"""Counts of votes by option (domain.md §2.3)."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import Tally
from microgov.services.issues.deliberation.topics.option import unknown_option
from microgov.services.issues.model import Base


class OptionTally(Base):
    """How many votes in force agree with one option, disagree, and are passes 弃权 (`passed`; their stance is `pass`).

    A secret ballot has these rows only after its count, and only if at least five votes could be read.
    """

    __tablename__ = "option_tally"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    option: Mapped[str] = mapped_column(primary_key=True)
    agree: Mapped[int]
    disagree: Mapped[int]
    passed: Mapped[int]

    @classmethod
    def zero(cls, ballot: str, option: str) -> "OptionTally":
        """A tally without votes."""
        return cls(ballot=ballot, option=option, agree=0, disagree=0, passed=0)

    @classmethod
    def from_teller(cls, ballot: str, line: Tally) -> "OptionTally":
        """The tally of a count that was reported by the teller."""
        counts = {name: getattr(line, name) or 0 for name in ("agree", "disagree", "passed")}
        return cls(ballot=ballot, option=line.option, **counts)

    @classmethod
    def of(cls, ballot: str, option: str, s: Session) -> "OptionTally":
        """The tally of the option; raises `unknown_option`."""
        row = s.get(cls, (ballot, option))
        if row is None:
            raise unknown_option(option, "data.choice.option")
        return row

    def add(self, stance: str, step: int) -> None:
        """Adds `step` votes (1 or -1) of the stance: `agree`, `disagree` or `pass`."""
        if stance == "agree":
            self.agree += step
        elif stance == "disagree":
            self.disagree += step
        elif stance == "pass":
            self.passed += step

    def as_tally(self, carried: bool) -> Tally:
        """The tally as it is written into events."""
        return Tally(
            option=self.option, agree=self.agree, disagree=self.disagree, passed=self.passed, carried=carried
        )
