"""The history of an issue, out of the log: its events in order, page by page.

It is read, not kept: a row for each event would cost every fold what is looked at now and then. The broker hands out
events of issues alone, without votes; a page ends after so many of them at the latest.
"""

import json as jsonlib
from typing import Any, NamedTuple

from contracts import issues as i
from contracts.message import Envelope, Message, plain
from contracts.registry import every_message
from services.chassis.log import Stored
from services.client import Client
from services.house import read

VOTES = (i.VoteCast, i.VoteRetracted, i.SealedVoteCast, i.SealedVoteRetracted)
"""A ballot may have a million; `show ballot` tells what they come to."""
BY_PARTIES = (i.MediationRequested, i.MediationConsented, i.MediationOpened, i.MediationRefused)
"""Who sent what these answer may be a party to the mediation: that is nobody else's business."""
MOST_READ = 500_000


class History(NamedTuple):
    """Some of its events with their sequences in the log; there may be more from `next` on."""

    events: list[tuple[int, Envelope[Message]]]
    next: int | None

    def plain(self) -> list[dict[str, Any]]:
        """For machines."""
        return [{"seq": seq, "event": plain(m)} for seq, m in self.events]


async def history(client: Client, shown: dict[str, Any], after: int, most: int) -> History:
    """Of the issue that the service has shown: what was said of it, its topics, action items and mediations."""
    issue, topics = shown["issue"], {one["topic"] for one in shown["topics"]}
    if most == 0:
        return History([], after + 1)
    named = [f'"{id}"'.encode() for id in (issue, *topics)]

    def wanted(stored: Stored) -> bool:
        return any(id in stored.data for id in named) and is_of(jsonlib.loads(stored.data), issue, topics)

    found, end = await client.search(_types(), wanted, after, most, MOST_READ)
    events = [(stored.seq, veiled(m)) for stored in found if (m := read(stored)) is not None]
    return History(events, None if end is None else end + 1)


def is_of(event: dict[str, Any], issue: str, topics: set[str]) -> bool:
    """Whether the event is about the issue, or about something of it."""
    data = event["data"]
    return issue in (event["subject"], data.get("issue")) or data.get("topic") in topics


def veiled(m: Envelope[Message]) -> Envelope[Message]:
    """Without who sent it, where that tells who is a party."""
    if not isinstance(m.data, BY_PARTIES):
        return m
    return m.model_copy(update={"authid": "party", "authtype": "unknown", "role": None, "scope": None, "onbehalfof": None})


def _types() -> list[str]:
    return [one.TYPE for one in every_message() if one.OWNER == "issues" and one.KIND == "event" and one not in VOTES]
