"""Makes a notice of an event for each person concerned, by the table in audience.py."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from microgov.contracts.ids import message_id
from microgov.contracts.matching import ProposalReplaced
from microgov.contracts.message import Envelope, plain
from microgov.contracts.rules import BehaviourRules
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.reference_data import rules
from microgov.services.chassis.service import Key
from microgov.services.chassis.store.fold_session.children import KeyPrefix
from microgov.services.notify.audience.audience import (
    NOTICES,
    Audience,
    NoticeRule,
    called_to_session,
    followers,
    kind_of_matter,
    organisation,
    partners,
    representatives,
    serving_people,
)
from microgov.services.notify.audience.followers import (
    SERVING,
    Follow,
    FollowedSubject,
    Organisation,
    serves_no_longer,
)
from microgov.services.notify.model import REACHABLE, ContactChannel, Person, Rule
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.notice import Notice, NoticeCounter


def _entity(m: AnyMessage) -> str:
    """Id of the matter that the event is about."""
    about = NOTICES[type(m.data)][0].about
    return str(getattr(m.data, about)) if about else m.subject


def _concerned(kind: NoticeRule, m: AnyMessage, s: Session) -> set[str]:
    """The recipients, without the sender: nobody is notified of their own action."""
    entity = _entity(m)
    return {one for audience in kind.audience for one in audience(m, entity, s)} - {m.authid}


def rows_of_the_matter(m: AnyMessage) -> Iterator[Key]:
    """Rows for making notices: the matter, its followers, the organisations, and the rules `house`."""
    kind, entity, kinds = kind_of_matter(m), _entity(m), NOTICES[type(m.data)]
    audiences = {audience for one in kinds for audience in one.audience}
    yield NoticeCounter, NoticeCounter.ONE
    yield FollowedSubject, (kind, entity)
    if any(one.since > 1 or one.before for one in kinds):
        yield Rule, "house"
    if {followers, called_to_session} & audiences:
        yield Follow, KeyPrefix((kind, entity))
    if serving_people in audiences:
        yield Follow, KeyPrefix((SERVING, entity))
    yield from ((Organisation, one) for one in _organisations(m, audiences))
    if any("organisation" in one.carries for one in kinds):
        yield FollowedSubject, ("organisation", m.data.organisation)


def _organisations(m: AnyMessage, audiences: set[Audience]) -> list[str]:
    named = [m.data.organisation] if organisation in audiences and m.data.organisation else []
    named += (m.data.partners or []) if partners in audiences else []
    return [*named, m.subject] if representatives in audiences else named


def rows_of_the_recipients(m: AnyMessage, s: Session) -> Iterator[Key]:
    """Rows about the recipients: notice, language and contact points."""
    for kind in NOTICES[type(m.data)]:
        for recipient in _concerned(kind, m, s):
            yield Notice, _notice(m, kind, recipient)
            yield Person, recipient
            yield from ((ContactChannel, (recipient, channel)) for channel in REACHABLE)


def _notice(m: AnyMessage, kind: NoticeRule, recipient: str) -> str:
    """The notice's id, derived from the event, the type of notice and the recipient, so that a replay makes the same id."""
    return message_id(m.id, f"{kind.type}/{recipient}")


def make_notices(m: AnyMessage, s: Session) -> Iterator[Said]:
    """Makes a notice for everybody concerned, with a delivery to the inbox and one on each of their other channels."""
    counter, notified = NoticeCounter.of(s), set[str]()
    for kind in NOTICES[type(m.data)]:
        if _holds(kind, s):
            concerned = _concerned(kind, m, s) - notified
            notified |= concerned
            yield from _make(kind, sorted(concerned), counter, m, s)


def _holds(kind: NoticeRule, s: Session) -> bool:
    """Whether the rule holds under the behaviour in force."""
    if kind.since == 1 and kind.before is None:
        return True
    behaviour = rules(s, Rule, BehaviourRules).behaviour
    return kind.since <= behaviour and (kind.before is None or behaviour < kind.before)


def _make(
    kind: NoticeRule, recipients: list[str], counter: NoticeCounter, m: AnyMessage, s: Session
) -> Iterator[Said]:
    """Adds the notices and their deliveries; a notice that exists already is skipped."""
    parameters = _parameters(kind, m, s)
    for recipient in recipients:
        id = _notice(m, kind, recipient)
        if s.get(Notice, id) is not None:
            continue
        notice = Notice(
            id=id,
            number=counter.next(),
            source_id=m.id,
            notice_type=kind.type,
            recipient=recipient,
            entity=_entity(m),
            critical=kind.critical,
            language=Person.language_of(recipient, s),
            parameters=parameters,
            made_at=m.recordedtime,
        )
        s.add(notice)
        yield Delivery.to_inbox(notice, s)
        for channel in REACHABLE:
            reach = s.get(ContactChannel, (recipient, channel))
            if reach is not None and not reach.suppressed:
                Delivery.start(notice, channel, s)


def _parameters(kind: NoticeRule, m: AnyMessage, s: Session) -> dict[str, Any]:
    """The values for the template; an organisation appears by its name."""
    data = plain(m.data)
    if "organisation" in kind.carries:
        data["organisation"] = FollowedSubject.title_of("organisation", m.data.organisation, s)
    title = FollowedSubject.title_of(kind_of_matter(m), _entity(m), s)
    return {"title": title, **{name: data[name] for name in kind.carries if name in data}}


def notify_replaced(m: Envelope[ProposalReplaced], s: Session) -> Iterator[Said]:
    """Removes the replaced person from those who serve, then notifies them."""
    serves_no_longer(m, s)
    yield from make_notices(m, s)
