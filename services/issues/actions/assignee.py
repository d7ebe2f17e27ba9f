"""Who has to do an action item 落实事项: the person who claimed it, or the branch's assignee (domain.md §2.1.9, 2.3)."""

from typing import Any

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import AssignActionItem
from microgov.contracts.matching import OrganisationFiled
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Refused
from microgov.services.chassis.refusals import not_registered
from microgov.services.issues.model import Base, Person


class Organisation(Base):
    """A social organisation and its representatives, copied from the events of matching."""

    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(primary_key=True)
    representatives: Mapped[list[Any]]

    @classmethod
    def filed(cls, m: Envelope[OrganisationFiled], s: Session) -> None:
        s.add(cls(id=m.subject, representatives=m.data.representatives))


class ActionAssignment(Base):
    """The branch's assignment of an action item to a person or an organisation. An item that was never assigned has no
    row.
    """

    __tablename__ = "action_assignment"
    action: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str | None]
    organisation: Mapped[str | None]

    @classmethod
    def give(
        cls, action: str, claimed_by: str | None, d: AssignActionItem, s: Session
    ) -> tuple[str | None, str | None]:
        """Stores the assignee; returns the (person, organisation) that had the item before."""
        row = s.get(cls, action)
        if row is None:
            s.add(cls(action=action, person=d.person, organisation=d.organisation))
            return claimed_by, None
        before = row.person, row.organisation
        row.person, row.organisation = d.person, d.organisation
        return before


def check_assignee(d: AssignActionItem, s: Session) -> None:
    """Raises a refusal unless one registered person, or one filed organisation, is named."""
    if (d.person is None) == (d.organisation is None):
        raise Refused(
            "one_assignee",
            "请指派给一个人或一个组织，二者取其一。",
            "Assign it to a person or to an organisation: name one of the two.",
            "data.person",
        )
    if d.person is not None and s.get(Person, d.person) is None:
        raise not_registered(d.person, "data.person")
    if d.organisation is not None and s.get(Organisation, d.organisation) is None:
        raise Refused(
            "unknown_organisation",
            f"没有编号为 {d.organisation} 的组织。请先备案。",
            f"There is no organisation {d.organisation}. File it first.",
            "data.organisation",
        )


def assigned_people(action: str, claimed_by: str | None, s: Session) -> list[str]:
    """Who may report the item done: one person, or all representatives of the organisation; empty if it is unassigned."""
    given = s.get(ActionAssignment, action)
    if given is None or given.organisation is None:
        person = given.person if given is not None else claimed_by
        return [person] if person is not None else []
    row = s.get(Organisation, given.organisation)
    return list(row.representatives) if row is not None else []
