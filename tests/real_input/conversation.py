"""What must be true of the whole conversation at its end, whatever faults happened."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.real_input.publisher import BALLOT, STANCES, Conversation
from tests.rig.ledger import Body

RE_VOTES, OF_THEM_FOR_OR_AGAINST = 554, 450
"""Of the whole file: votes that replace an earlier one, and how many fewer agrees and disagrees are in force."""


def cast(log: Sequence[Body]) -> list[dict[str, Any]]:
    """The data of every VoteCast, in the order of the log."""
    return [
        body["data"] for body in log if body["type"] == "issues.vote_cast.v1" and body["subject"] == BALLOT
    ]


def counted(events: Sequence[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """All votes cast, per statement and stance."""
    return Counter((event["option"], event["stance"]) for event in events)


def in_force(events: Sequence[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The last vote of each person on each statement."""
    last = {(event["person"], event["option"]): event["stance"] for event in events}
    return Counter((option, stance) for (_, option), stance in last.items())


def published(conversation: Conversation) -> Counter[tuple[str, str]]:
    """Agrees and disagrees as comments.csv states them."""
    found: Counter[tuple[str, str]] = Counter()
    for comment in conversation.comments:
        found["c-" + comment["comment-id"], "agree"] = int(comment["agrees"])
        found["c-" + comment["comment-id"], "disagree"] = int(comment["disagrees"])
    return +found


def sent(conversation: Conversation) -> Counter[tuple[str, str]]:
    """The votes of the file, as far as they were sent."""
    return Counter((f"c-{vote['comment-id']}", STANCES[vote["vote"]]) for vote in conversation.votes)


def tallied(log: Sequence[Body]) -> Counter[tuple[str, str]]:
    """What the ballot says at its close."""
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
    """Without the passes."""
    return Counter({key: times for key, times in votes.items() if key[1] != "pass"})
