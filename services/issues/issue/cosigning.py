"""Co-signing 附议 an issue of somebody else, counted by people and by households."""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import CosignIssue, CosignWithdrawn, IssueCosigned, WithdrawCosign
from microgov.contracts.message import Envelope
from microgov.contracts.rules import EscalationRules
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.reference_data import check_touching
from microgov.services.issues.issue.issue import Issue, not_concerned
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.model import Base, Person, Place, rules_in_force


class Cosign(Base):
    """A person's co-signature. A withdrawn one keeps its row (`in_force` false) and can be given again."""

    __tablename__ = "cosign"
    issue: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    household: Mapped[str]
    in_force: Mapped[bool]

    @classmethod
    def give(cls, m: Envelope[CosignIssue], s: Session) -> Iterator[Said]:
        """Co-signs the issue; it is escalated once its households reach `escalation.cosigning_households`."""
        issue, person = Issue.find(s, m.subject), Person.acting(m, s)
        check_touching(s, Place, issue.place, m)
        row = s.get(cls, (issue.id, person.id))
        if person.id == issue.reporter:
            raise Refused(
                "own_issue",
                f"事项 {issue.id} 是您自己反映的，无需附议。",
                f"You reported the issue {issue.id} yourself; others co-sign it.",
                "authid",
            )
        if row is not None and row.in_force:
            raise Refused(
                "already_cosigned",
                f"您已附议过事项 {issue.id}。每人附议一次。",
                f"You have co-signed the issue {issue.id}. Everybody co-signs once.",
                "authid",
            )
        LIFE.move(issue, m, s)
        if row is None:
            row = cls(issue=issue.id, person=person.id, household=person.household, in_force=True)
            s.add(row)
        row.in_force, row.household = True, person.household
        grown = CosignHousehold.add(issue.id, row.household, 1, s)
        issue.people, issue.households = issue.people + 1, issue.households + grown
        yield issue.say(
            IssueCosigned(
                person=person.id, household=row.household, people=issue.people, households=issue.households
            )
        )
        if grown and issue.households == rules_in_force(s, EscalationRules).cosigning_households:
            yield from issue.cosigned(m, s)

    @classmethod
    def withdraw(cls, m: Envelope[WithdrawCosign], s: Session) -> Said:
        issue = Issue.find(s, m.subject)
        row = s.get(cls, (issue.id, m.beneficiary))
        if row is None or not row.in_force:
            raise Refused(
                "not_cosigned",
                f"您没有附议事项 {issue.id}，无可撤回。",
                f"You have not co-signed the issue {issue.id}; there is nothing to withdraw.",
                "authid",
            )
        LIFE.move(issue, m, s)
        row.in_force = False
        issue.people -= 1
        issue.households -= CosignHousehold.add(issue.id, row.household, -1, s)
        return issue.say(CosignWithdrawn(person=row.person, people=issue.people, households=issue.households))


class CosignHousehold(Base):
    """Number of people of one household who have co-signed an issue."""

    __tablename__ = "cosign_household"
    issue: Mapped[str] = mapped_column(primary_key=True)
    household: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]

    @classmethod
    def add(cls, issue: str, household: str, step: int, s: Session) -> int:
        """Adds `step` (1 or -1). Returns 1 if the household's count left or reached 0 by that, else 0."""
        row = s.get(cls, (issue, household))
        if row is None:
            row = cls(issue=issue, household=household, people=0)
            s.add(row)
        before, row.people = row.people, row.people + step
        return int((before == 0) != (row.people == 0))


def check_concerned(issue: Issue, person: str, s: Session) -> None:
    """Raises the refusal `not_concerned` for a person who is neither the reporter nor a co-signer in force."""
    row = s.get(Cosign, (issue.id, person))
    if person != issue.reporter and (row is None or not row.in_force):
        raise not_concerned(person)
