"""Proposing and screening 筛选 a topic, placing it on the agenda, evaluating it (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.reference_data import check_touching, check_within
from microgov.services.issues.clocks import clock
from microgov.services.issues.deliberation.topics.life import LIFE
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import life
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Place


def propose(m: Envelope[issues.ProposeTopic], s: Session) -> Said:
    """Proposes a topic. The issue's state does not change until the topic is screened."""
    issue, d = Issue.find(s, m.subject), m.data
    check_touching(s, Place, issue.place, m)
    Topic.check_is_new(d.topic, s)
    life.LIFE.move(issue, m, s)
    topic = Topic.begin(d.topic, issue.id, "screening", d.title, m.beneficiary, s)
    return topic.say(
        issues.TopicProposed(issue=issue.id, title=d.title, person=m.beneficiary, intervention=d.intervention)
    )


def admit(m: Envelope[issues.AdmitTopic], s: Session) -> Iterator[Said]:
    """Admits a proposed topic; the issue goes into deliberation."""
    topic, issue = _topic_and_issue(m, s)
    life.LIFE.check(issue, issues.OpenDeliberation, m, s)
    LIFE.move(topic, m, s)
    life.LIFE.moved_by(issue, issues.OpenDeliberation, m, s)
    yield topic.say(issues.TopicAdmitted(issue=issue.id))
    clock.stop(issue, s, "dispatch")
    yield issue.say(issues.DeliberationOpened(topic=topic.id, title=topic.title))


def refuse(m: Envelope[issues.RefuseTopic], s: Session) -> Said:
    """Refuses a proposed topic; the proposer is notified of the reasons (domain.md §2.1.8)."""
    topic, issue = _topic_and_issue(m, s)
    d = m.data
    if d.same_as is not None:
        Topic.find(s, d.same_as, "data.same_as")
    LIFE.move(topic, m, s)
    person = topic.proposer or m.authid
    return topic.say(
        issues.TopicRefused(
            issue=issue.id, person=person, ground=d.ground, reasons=d.reasons, same_as=d.same_as
        )
    )


def place_on_agenda(m: Envelope[issues.PlaceOnAgenda], s: Session) -> Iterator[Said]:
    """Places the topic on the sub-district's agenda, which escalates its issue."""
    topic, issue = _topic_and_issue(m, s)
    life.LIFE.check(issue, issues.EscalateIssue, m, s)
    LIFE.move(topic, m, s)
    topic.on_agenda = True
    yield topic.say(issues.TopicPlacedOnAgenda(issue=issue.id, reason=m.data.reason))
    yield Handling.of(issue.id, s).escalate(issue, "agenda", m.data.reason)


def evaluate(m: Envelope[issues.EvaluateTopic], s: Session) -> Said:
    """Records whether an adopted topic has achieved its purpose, once its action items are settled."""
    topic, issue = _topic_and_issue(m, s)
    LIFE.move(topic, m, s)
    return topic.say(issues.TopicEvaluated(issue=issue.id, achieved=m.data.achieved, text=m.data.text))


def _topic_and_issue(m: AnyMessage, s: Session) -> tuple[Topic, Issue]:
    """The topic of the message and its issue, after a check of the sender's scope."""
    topic = Topic.find(s, m.subject)
    issue = Issue.find(s, topic.issue)
    check_within(s, Place, issue.place, m)
    return topic, issue
