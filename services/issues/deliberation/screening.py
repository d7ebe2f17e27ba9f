"""A topic on its way in and out: proposed and screened 筛选, placed on the agenda, evaluated (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts import issues as i
from contracts.message import Envelope
from services.chassis.house import touching, within
from services.chassis.model import AnyMessage, Said
from services.issues import clocks, life
from services.issues.course import Course
from services.issues.deliberation.topic_life import LIFE
from services.issues.deliberation.topics import Topic
from services.issues.issues import Issue
from services.issues.model import Place


def propose(m: Envelope[i.ProposeTopic], s: Session) -> Said:
    """Somebody wants the issue deliberated; nothing moves before it is screened."""
    issue, d = Issue.find(s, m.subject), m.data
    touching(s, Place, issue.place, m)
    Topic.is_new(d.topic, s)
    life.LIFE.move(issue, m, s)
    topic = Topic.begin(d.topic, issue.id, "screening", d.title, m.beneficiary, s)
    return topic.say(
        i.TopicProposed(issue=issue.id, title=d.title, person=m.beneficiary, intervention=d.intervention)
    )


def admit(m: Envelope[i.AdmitTopic], s: Session) -> Iterator[Said]:
    """The issue goes into deliberation as this topic."""
    topic, issue = _both(m, s)
    life.LIFE.check(issue, i.OpenDeliberation, m, s)
    LIFE.move(topic, m, s)
    life.LIFE.moved_by(issue, i.OpenDeliberation, m, s)
    yield topic.say(i.TopicAdmitted(issue=issue.id))
    clocks.stop(issue, s, "dispatch")
    yield issue.say(i.DeliberationOpened(topic=topic.id, title=topic.title))


def refuse(m: Envelope[i.RefuseTopic], s: Session) -> Said:
    """Its proposer hears why (domain.md §2.1.8)."""
    topic, issue = _both(m, s)
    d = m.data
    if d.same_as is not None:
        Topic.find(s, d.same_as, "data.same_as")
    LIFE.move(topic, m, s)
    person = topic.proposer or m.authid
    return topic.say(
        i.TopicRefused(issue=issue.id, person=person, ground=d.ground, reasons=d.reasons, same_as=d.same_as)
    )


def place_on_agenda(m: Envelope[i.PlaceOnAgenda], s: Session) -> Iterator[Said]:
    """The issue is the sub-district's from here on."""
    topic, issue = _both(m, s)
    life.LIFE.check(issue, i.EscalateIssue, m, s)
    LIFE.move(topic, m, s)
    topic.on_agenda = True
    yield topic.say(i.TopicPlacedOnAgenda(issue=issue.id, reason=m.data.reason))
    yield Course.of(issue.id, s).escalate(issue, "agenda", m.data.reason)


def evaluate(m: Envelope[i.EvaluateTopic], s: Session) -> Said:
    """What was resolved is done; whether it has come to what it was for."""
    topic, issue = _both(m, s)
    LIFE.move(topic, m, s)
    return topic.say(i.TopicEvaluated(issue=issue.id, achieved=m.data.achieved, text=m.data.text))


def _both(m: AnyMessage, s: Session) -> tuple[Topic, Issue]:
    topic = Topic.find(s, m.subject)
    issue = Issue.find(s, topic.issue)
    within(s, Place, issue.place, m)
    return topic, issue
