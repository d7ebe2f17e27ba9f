"""Answers the question about a person's inbox, and the admin request that stores a contact point."""

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from microgov.contracts import notify
from microgov.services.chassis.refusals import not_registered
from microgov.services.notify.model import ContactPoint, Person, check_channel
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.notice import Notice


def show_inbox(q: notify.ShowInbox, s: Session) -> notify.InboxShown:
    """A person's notices, newest first. Raises `not_registered` if the person is not registered and has no notices."""
    mine = select(Notice).where(Notice.recipient == q.person)
    last = s.get(Notice, q.before) if q.before else None
    # Notices with number 0 were made before notices had numbers: time sorts them.
    place = (Notice.number, Notice.made_at, Notice.id)
    if last is not None:
        mine = mine.where(tuple_(*place) < (last.number, last.made_at, last.id))
    rows = s.scalars(mine.order_by(*(column.desc() for column in place)).limit(q.most))
    total = s.scalar(select(func.count()).select_from(Notice).where(Notice.recipient == q.person))
    if not total and s.get(Person, q.person) is None:
        raise not_registered(q.person, "person")
    return notify.InboxShown(person=q.person, total=total or 0, notices=[_shown(row, s) for row in rows])


def _shown(notice: Notice, s: Session) -> notify.NoticeShown:
    text = notice.text(s)
    rows = s.scalars(select(Delivery).where(Delivery.notice == notice.id).order_by(Delivery.channel))
    return notify.NoticeShown.model_validate(
        {
            "notice": notice.id,
            "notice_type": notice.notice_type,
            "entity": notice.entity,
            "language": notice.language,
            "title": text.title,
            "body": text.body,
            "made_at": notice.made_at,
            "deliveries": [
                notify.DeliveryShown(channel=d.channel, state=d.state, attempts=d.attempt) for d in rows
            ],
        }
    )


def set_contact(q: notify.SetContact, s: Session) -> notify.ContactSet:
    """Stores the address and secret of a contact point, which only the delivery sender reads."""
    check_channel(q.channel, "channel")
    if s.get(Person, q.person) is None:
        raise not_registered(q.person, "person")
    found = s.get(ContactPoint, (q.person, q.channel))
    s.merge(ContactPoint(person=q.person, channel=q.channel, address=q.address, secret=q.secret))
    return notify.ContactSet(person=q.person, channel=q.channel, replaced=found is not None)
