"""The history of an issue, read from the log: its events in order, page by page.

It has no table, because a row for each event would slow down the fold for a question that is rarely asked.
"""

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.message import Envelope, Message, parse, plain
from microgov.contracts.registry import every_message
from microgov.services.chassis.log import Stored
from microgov.services.chassis.search import Search
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.issue import Issue

VOTES = (issues.VoteCast, issues.VoteRetracted, issues.SealedVoteCast, issues.SealedVoteRetracted)
"""Events that the history leaves out: a ballot may have a million of them, and `ShowBallot` shows the tally."""
BY_PARTIES = (
    issues.MediationRequested,
    issues.MediationConsented,
    issues.MediationOpened,
    issues.MediationRefused,
)
"""Events whose sender may be a party to a mediation, which is confidential."""


def show_history(q: issues.ShowHistory, s: Session) -> Search:
    """Searches the log for events of the issue, its topics, action items and mediations."""
    issue = Issue.find(s, q.issue, "issue")
    topics = frozenset(s.scalars(select(Topic.id).where(Topic.issue == issue.id)))
    named = [f'"{id}"'.encode() for id in (issue.id, *topics)]
    id, place = issue.id, issue.place

    def wanted(stored: Stored) -> bool:
        return any(name in stored.data for name in named) and _is_of(json.loads(stored.data), id, topics)

    def shown(found: Sequence[Stored], next: int | None) -> issues.HistoryShown:
        events = [
            issues.HistoryEvent(seq=m.seq, event=plain(_veiled(parse(m.subject, m.data)))) for m in found
        ]
        return issues.HistoryShown(issue=id, place=place, events=events, next=next)

    return Search(place, _types(), wanted, q.from_seq, q.most, shown)


def _is_of(event: dict[str, dict[str, str]], issue: str, topics: frozenset[str]) -> bool:
    """Whether the event is about the issue or something that belongs to it."""
    data = event["data"]
    return issue in (event["subject"], data.get("issue")) or data.get("topic") in topics


def _veiled(m: Envelope[Message]) -> Envelope[Message]:
    """The message, without its sender if that could reveal a party to a mediation."""
    if not isinstance(m.data, BY_PARTIES):
        return m
    return m.model_copy(
        update={"authid": "party", "authtype": "unknown", "role": None, "scope": None, "onbehalfof": None}
    )


def _types() -> list[str]:
    """The types of event that a history shows."""
    return [
        one.TYPE
        for one in every_message()
        if one.OWNER == "issues" and one.KIND == "event" and one not in VOTES
    ]
