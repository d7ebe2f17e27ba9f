"""Joint delivery 联合服务: several organisations deliver an order; one is responsible, and each accepts for itself."""

from collections.abc import Iterable

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.matching.model import Base
from microgov.services.matching.registry.organisations import Organisation


class Partner(Base):
    """An organisation of a jointly delivered order, the responsible one included. `accepted`: it has accepted the
    assignment.
    """

    __tablename__ = "partner"
    order: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    accepted: Mapped[bool]


def add_partners(order: str, responsible: str, others: Iterable[str], s: Session) -> None:
    """Adds the organisations; none has accepted yet."""
    s.add_all(
        Partner(order=order, organisation=one, accepted=False) for one in sorted({responsible, *others})
    )


def remove_partners(order: str, s: Session) -> None:
    """Removes the organisations of the order."""
    for row in rows_under(s, Partner, order):
        s.delete(row)


def other_organisations(order: str, responsible: str | None, s: Session) -> list[str] | None:
    """The organisations of the order except the responsible one; None if there are no others."""
    return [
        row.organisation for row in rows_under(s, Partner, order) if row.organisation != responsible
    ] or None


def acting_organisation(
    order: str, responsible: str | None, m: AnyMessage, s: Session
) -> Organisation | None:
    """The organisation of the order for which the sender acts; raises a refusal if there is none.

    Returns None if the order has no organisation; then its state machine refuses the message.
    """
    if responsible is None:
        return None
    for one in other_organisations(order, responsible, s) or []:
        organisation = Organisation.find(s, one)
        if m.authid in organisation.representatives:
            return organisation
    organisation = Organisation.find(s, responsible)
    organisation.check_acts(m)
    return organisation


def record_acceptance(order: str, organisation: str, s: Session) -> list[str]:
    """Records the acceptance; returns the organisations that have not accepted yet. Raises `already_accepted`."""
    rows = {row.organisation: row for row in rows_under(s, Partner, order)}
    if organisation in rows:
        if rows[organisation].accepted:
            raise Refused(
                "already_accepted",
                f"{organisation} 已接单，等其他单位答复。无需再接。",
                f"{organisation} has accepted already, and waits for the others. There is nothing to do.",
                "authid",
            )
        rows[organisation].accepted = True
    return [one for one, row in rows.items() if not row.accepted]
