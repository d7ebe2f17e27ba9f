"""Topics on which nothing is decided: they are deferred 暂缓, or end without consensus (domain.md §2.2, 2.3)."""

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
from microgov.services.chassis.reference_data import check_within
from microgov.services.issues.deliberation.topics.life import LIFE
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue import life
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Place, rules_in_force


def no_consensus(m: Envelope[DeclareNoConsensus], s: Session) -> Iterator[Said]:
    """Ends the topic without consensus. The issue is escalated if `escalation.no_consensus` is set."""
    topic, issue = _topic_and_issue(m, s)
    ballot = topic.ballot
    life.LIFE.move(issue, m, s)
    issue.record(s)
    yield topic.say(ConsensusNotReached(issue=issue.id, ballot=ballot, reasons=m.data.reasons))
    yield issue.say(DeliberationRecorded(topic=topic.id, ballot=ballot, result="no_consensus"))
    if rules_in_force(s, EscalationRules).no_consensus and issue.state in life.OPEN:
        yield Handling.of(issue.id, s).escalate(issue, "no_consensus", m.data.reasons)


def defer(m: Envelope[DeferTopic], s: Session) -> Said:
    """Defers the topic to a later session; the issue's state does not change."""
    topic, issue = _topic_and_issue(m, s)
    return topic.say(TopicDeferred(issue=issue.id, reasons=m.data.reasons))


def _topic_and_issue(m: AnyMessage, s: Session) -> tuple[Topic, Issue]:
    """Makes the transition of the topic; returns it with its issue, whose own transition is only checked."""
    topic = Topic.find(s, m.subject)
    issue = Issue.find(s, topic.issue)
    check_within(s, Place, issue.place, m)
    life.LIFE.check(issue, type(m.data), m, s)
    LIFE.move(topic, m, s)
    return topic, issue
