"""A topic that settles nothing: deferred 暂缓, or ended without consensus (domain.md §2.2, 2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.issues import (
    ConsensusNotReached,
    DeclareNoConsensus,
    DeferTopic,
    DeliberationRecorded,
    TopicDeferred,
)
from microgov.contracts.message import Envelope
from microgov.contracts.rules import EscalationRules
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.reference_data import within
from microgov.services.issues.deliberation.topics.life import LIFE
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import life
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Place, in_force


def no_consensus(m: Envelope[DeclareNoConsensus], s: Session) -> Iterator[Said]:
    """It was deliberated, and nothing was agreed upon; the rules say whether the sub-district hears of it."""
    topic, issue = _both(m, s)
    ballot = topic.ballot
    life.LIFE.move(issue, m, s)
    issue.record(s)
    yield topic.say(ConsensusNotReached(issue=issue.id, ballot=ballot, reasons=m.data.reasons))
    yield issue.say(DeliberationRecorded(topic=topic.id, ballot=ballot, result="no_consensus"))
    if in_force(s, EscalationRules).no_consensus and issue.state in life.OPEN:
        yield Handling.of(issue.id, s).escalate(issue, "no_consensus", m.data.reasons)


def defer(m: Envelope[DeferTopic], s: Session) -> Said:
    """A later session deals with it; the issue stays where it is."""
    topic, issue = _both(m, s)
    return topic.say(TopicDeferred(issue=issue.id, reasons=m.data.reasons))


def _both(m: AnyMessage, s: Session) -> tuple[Topic, Issue]:
    """The topic, moved, and its issue, which may be."""
    topic = Topic.find(s, m.subject)
    issue = Issue.find(s, topic.issue)
    within(s, Place, issue.place, m)
    life.LIFE.check(issue, type(m.data), m, s)
    LIFE.move(topic, m, s)
    return topic, issue
