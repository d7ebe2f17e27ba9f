"""联合服务: several organisations deliver one order together; one of them is responsible, and each says yes for itself."""

from collections.abc import Iterable

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.services.chassis.model import AnyMessage, Refused
from microgov.services.chassis.store.children import rows_under
from microgov.services.matching.model import Base
from microgov.services.matching.registry.organisations import Organisation


class Partner(Base):
    """An organisation, the responsible one too, of an order that several deliver; `accepted`: it has said yes."""

    __tablename__ = "partner"
    order: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    accepted: Mapped[bool]


def join(order: str, responsible: str, others: Iterable[str], s: Session) -> None:
    """They deliver it together; nobody has said yes yet."""
    s.add_all(
        Partner(order=order, organisation=one, accepted=False) for one in sorted({responsible, *others})
    )


def part(order: str, s: Session) -> None:
    """They have nothing to do with it any more."""
    for row in rows_under(s, Partner, order):
        s.delete(row)


def beside(order: str, responsible: str | None, s: Session) -> list[str] | None:
    """Who delivers it beside the responsible one; None where nobody does."""
    return [
        row.organisation for row in rows_under(s, Partner, order) if row.organisation != responsible
    ] or None


def acting(order: str, responsible: str | None, m: AnyMessage, s: Session) -> Organisation | None:
    """Which of them the sender acts for; refuses who acts for none. None: it is nobody's, and its life will refuse."""
    if responsible is None:
        return None
    for one in beside(order, responsible, s) or []:
        organisation = Organisation.find(s, one)
        if m.authid in organisation.representatives:
            return organisation
    organisation = Organisation.find(s, responsible)
    organisation.acts(m)
    return organisation


def say_yes(order: str, organisation: str, s: Session) -> list[str]:
    """It has accepted; returns who has not yet. Refuses a second yes."""
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
