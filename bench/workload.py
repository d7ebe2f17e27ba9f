"""The commands that every contestant handles: the ordinary mix of the issues service.

30 % submit an issue, 40 % co-sign one, 15 % accept and 15 % triage one. One in five of these is about an issue of this run,
the others about one of 5,000 that are in the database before. The same seed gives the same messages.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.log import SetClock
from microgov.contracts.message import Message, plain
from microgov.contracts.rules import SECTIONS
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.messages.stamp import Input, Sender, stamp_input

TENANT, PLACE = "bench", "yuanbu"
OLD_ISSUES, PERSONS = 5_000, 20_000
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
TEXT = "小区东门外道路施工后未及时恢复路面，坑洼积水严重，老人小孩出行不便，夜间没有照明，希望尽快维修并公示工期。"


def commands(count: int, seed: int = 7) -> Iterator[tuple[str, Message, str, Role]]:
    """`count` commands, each with entity id, person and role."""
    chance = random.Random(seed)
    recent: list[str] = []
    for n in range(count):
        dice = chance.random()
        if dice < 0.30:
            subject = f"new-{seed}-{n}"
            recent.append(subject)
            text = TEXT[: chance.randint(30, 50)]
            issue = issues.SubmitIssue(title=f"道路积水 {n}", text=text, place=PLACE, channel="app")
            yield subject, issue, _person(chance), Role.RESIDENT
            continue
        subject = (
            chance.choice(recent[-2000:])
            if recent and chance.random() < 0.2
            else f"old-{chance.randrange(OLD_ISSUES)}"
        )
        if dice < 0.70:
            yield subject, issues.CosignIssue(channel="app"), _person(chance), Role.RESIDENT
        elif dice < 0.85:
            yield subject, issues.AcceptIssue(), "p-branch", Role.BRANCH
        else:
            yield subject, TRIAGE, "p-branch", Role.BRANCH


TRIAGE = issues.TriageIssue(
    theme="roads", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
)


def _person(chance: random.Random) -> str:
    return f"p-{chance.randrange(PERSONS)}"


AddressedMessage = tuple[str, Message, str, Role]
"""Entity id, message, sending person, and the role in which that person sends."""


def logged_commands(count: int, seed: int = 7) -> Iterator[Outgoing]:
    """The commands as messages of the log, written by `gateway`."""
    return stamped(commands(count, seed), str(seed))


def stamped(
    sent: Iterable[AddressedMessage], name: str, apart: timedelta = timedelta(milliseconds=1)
) -> Iterator[Outgoing]:
    """Stamps the messages as the door does. Each is recorded `apart` after the last one; a `SetClock` at the time
    that it sets.

    `name` is part of every id, so that the ids of two runs differ.
    """
    for n, (subject, message, person, role) in enumerate(sent, 1):
        at = message.to if isinstance(message, SetClock) else START + n * apart
        trace = f"00-{n:032x}-{n:016x}-01"
        sender, own = Sender(person, "app_user", role, PLACE), f"{name}-{n}"
        given = Input(
            message,
            subject,
            outside_id(TENANT, "bench", own),
            at,
            sender,
            traceparent=trace,
            publisher="bench",
            publisherid=own,
        )
        yield stamp_input(TENANT, "gateway", given).numbered(n)


def rows() -> dict[str, list[dict[str, Any]]]:
    """The rows before the run, by table: places, rules, persons, old issues."""
    return {
        **reference_rows(),
        "person": people(range(PERSONS)),
        "issue": [issue(f"old-{n}") for n in range(OLD_ISSUES)],
    }


def reference_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of one place, and of the rules with their defaults."""
    return {
        "place": [{"id": PLACE, "name": "东湖苑", "path": [PLACE, TENANT]}],
        "rule": [
            {"section": r.model_fields["section"].default, "version": 1, "content": plain(r())}
            for r in SECTIONS
        ],
    }


def people(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """Rows of persons who live in that place, three in a household."""
    return [{"id": f"p-{n}", "household": f"h-{n // 3}", "place": PLACE} for n in numbers]


def issue(id: str, state: str = "submitted") -> dict[str, Any]:
    """The row of an issue that is in the database before the run."""
    return {
        "id": id,
        "title": "路灯损坏报修",
        "text": TEXT,
        "place": PLACE,
        "channel": "app",
        "state": state,
        "people": 0,
        "households": 0,
        "records": 0,
        "open_items": 0,
        "untold": 0,
        "version": 1,
        "reporter": "p-0",
    }
