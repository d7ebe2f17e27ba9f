"""Counts of the votes of the conversation: sent, cast, in force, and in the tally."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.real_input.publisher import BALLOT, STANCES, Conversation
from tests.rig.ledger import Body

RE_VOTES, OF_THEM_FOR_OR_AGAINST = 554, 450
"""In the whole file: votes that replace an earlier one, and by how much this reduces agrees and disagrees."""


def votes_cast(log: Sequence[Body]) -> list[dict[str, Any]]:
    """The data of every VoteCast, in the order of the log."""
    return [
        body["data"] for body in log if body["type"] == "issues.vote_cast.v1" and body["subject"] == BALLOT
    ]


def count_votes(events: Sequence[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The number of all votes cast, by statement and stance."""
    return Counter((event["option"], event["stance"]) for event in events)


def in_force(events: Sequence[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The number of votes in force, by statement and stance: the last vote of each person on each statement."""
    last = {(event["person"], event["option"]): event["stance"] for event in events}
    return Counter((option, stance) for (_, option), stance in last.items())


def published(conversation: Conversation) -> Counter[tuple[str, str]]:
    """The numbers of agrees and disagrees in comments.csv."""
    found: Counter[tuple[str, str]] = Counter()
    for comment in conversation.comments:
        found["c-" + comment["comment-id"], "agree"] = int(comment["agrees"])
        found["c-" + comment["comment-id"], "disagree"] = int(comment["disagrees"])
    return +found


def sent(conversation: Conversation) -> Counter[tuple[str, str]]:
    """The numbers of the votes that were sent, by statement and stance."""
    return Counter((f"c-{vote['comment-id']}", STANCES[vote["vote"]]) for vote in conversation.votes)


def tallied(log: Sequence[Body]) -> Counter[tuple[str, str]]:
    """The tally when the ballot closes."""
    closed = [
        body["data"]
        for body in log
        if body["type"] == "issues.ballot_closed.v1" and body["subject"] == BALLOT
    ]
    assert len(closed) == 1, f"the ballot has closed {len(closed)} times"
    found: Counter[tuple[str, str]] = Counter()
    for line in closed[0]["tally"]:
        for stance, name in (("agree", "agree"), ("disagree", "disagree"), ("pass", "passed")):
            found[line["option"], stance] = line[name]
    return +found


def for_or_against(votes: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """The counts of agrees and disagrees alone."""
    return Counter({key: times for key, times in votes.items() if key[1] != "pass"})
