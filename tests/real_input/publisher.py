"""A program outside that sends a whole Polis conversation as commands; it uses only `contracts` and nats-py.

    python -m tests.real_input.publisher --nats nats://127.0.0.1:4222 --tenant t --data DIR [--votes N]

Every message has an id that never changes, so an unconfirmed message can be sent again. There is one connection, so the
order in the log is the order of sending.
"""

import argparse
import asyncio
import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import nats
import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError
from rich.progress import Progress

from microgov.contracts import issues
from microgov.contracts.directory import GrantRole, RegisterPerson
from microgov.contracts.fields import Role
from microgov.contracts.log import SetClock
from microgov.contracts.message import Message
from microgov.contracts.subjects import in_subject
from microgov.contracts.validation.incoming import incoming

CLI, PORTAL, OFFICE, CHAIR = "cli", "portal", "office", "chair"
ISSUE, TOPIC, SESSION, BALLOT = "uberx", "uberx-topic", "uberx-session", "uberx-ballot"
BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
CLOSES = BEGINS + timedelta(days=14)
WINDOW, AGAIN, PATIENCE = 512, 0.2, 5.0
"""Messages that are unconfirmed at the same time; seconds until a cut connection is opened again, and for a confirmation."""
STANCES = {"1": "agree", "-1": "disagree", "0": "pass"}


class InputLine(NamedTuple):
    """A message, ready to be sent."""

    kind: str
    data: bytes


@dataclass(frozen=True)
class Conversation:
    """The rows of votes.csv in order of time, and those of comments.csv (the statements) in order of id."""

    votes: Sequence[dict[str, str]]
    comments: Sequence[dict[str, str]]

    @property
    def voters(self) -> list[str]:
        """The ids of all who vote."""
        return sorted({vote["voter-id"] for vote in self.votes}, key=int)


def read(data: Path, most: int | None = None) -> Conversation:
    """Reads the first `most` votes, or all of them."""
    votes = _rows(data / "votes.csv")
    votes.sort(key=lambda vote: int(vote["timestamp"]))
    comments = sorted(_rows(data / "comments.csv"), key=lambda comment: int(comment["comment-id"]))
    return Conversation(votes[:most], comments)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class Planned(NamedTuple):
    """A command that is to be sent: its id, and the person who sends it, in this role."""

    id: str
    message: Message
    subject: str
    by: str
    role: Role


def line(one: Planned) -> InputLine:
    """A command as a line; this program may speak for anyone. The door finds the role, except for the chair's."""
    role = one.role if one.by == CHAIR else None
    data = incoming(one.message, id=one.id, source="/portal", subject=one.subject, authid=one.by, role=role)
    return InputLine(one.message.TYPE, data)


def opening(conversation: Conversation, tenant: str) -> Iterator[Planned]:
    """The commands that register people, and all others up to the opening of the ballot."""
    for person in (CHAIR, *(f"v-{voter}" for voter in conversation.voters)):
        role = Role.BRANCH if person == CHAIR else Role.RESIDENT
        entry = RegisterPerson(household=person, place=tenant)
        yield Planned(f"register-{person}", entry, person, OFFICE, Role.OFFICE)
        yield Planned(f"role-{person}", GrantRole(role=role, place=tenant), person, OFFICE, Role.OFFICE)
    for n, (subject, command) in enumerate(_deliberation(conversation, tenant)):
        yield Planned(f"step-{n}", command, subject, CHAIR, Role.BRANCH)


def _deliberation(conversation: Conversation, tenant: str) -> Iterator[tuple[str, Message]]:
    yield ISSUE, issues.SubmitIssue(title="UberX 自用車載客", text="vTaiwan", place=tenant, channel="web")
    yield ISSUE, issues.AcceptIssue()
    yield (
        ISSUE,
        issues.TriageIssue(
            theme="traffic", scale="large", urgency="ordinary", reach="sub_district", form="micro_topic"
        ),
    )
    yield ISSUE, issues.OpenDeliberation(topic=TOPIC, title="UberX 自用車載客")
    for comment in conversation.comments:
        text = " ".join(comment["comment-body"].split()) or "–"
        yield TOPIC, issues.ProposeOption(option=f"c-{comment['comment-id']}", text=text, channel="web")
    yield TOPIC, issues.ConveneSession(session=SESSION, kind="micro_topic", opens_at=BEGINS, closes_at=CLOSES)
    yield BALLOT, issues.OpenBallot(session=SESSION, kind="each", closes_at=CLOSES)


def votes(conversation: Conversation) -> Iterator[Planned]:
    """The commands of all votes, in order of time."""
    for n, vote in enumerate(conversation.votes):
        option = f"c-{vote['comment-id']}"
        choice = {"kind": "open", "option": option, "stance": STANCES[vote["vote"]]}
        command = issues.CastVote.model_validate({"choice": choice, "option": option, "channel": "web"})
        yield Planned(f"vote-{n}", command, BALLOT, f"v-{vote['voter-id']}", Role.RESIDENT)


def close() -> InputLine:
    """Moves the clock to the end of the ballot; only the command line may send it."""
    return InputLine(
        SetClock.TYPE, incoming(SetClock(to=CLOSES), id="close", source=f"/{CLI}", role=Role.OPERATOR)
    )


async def send(url: str, tenant: str, lines: Iterable[InputLine], name: str, publisher: str = PORTAL) -> int:
    """Sends messages in this order, many at a time, and unconfirmed ones again after a cut. Returns their number."""
    waiting = list(lines)
    total, done = len(waiting), 0
    with Progress() as progress:
        task = progress.add_task(name, total=total)
        while done < total:
            try:
                async with _connection(url) as nc:
                    js = nc.jetstream(publish_async_max_pending=2 * WINDOW)
                    while done < total:
                        done += await _window(js, tenant, waiting[done : done + WINDOW], publisher)
                        progress.update(task, completed=done)
            except (nats.errors.Error, JetStreamError, OSError, TimeoutError):
                await asyncio.sleep(AGAIN)
    return total


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[Client]:
    """A connection that does not reconnect: messages that were in flight at a cut must be sent again first."""
    nc = await nats.connect(url, allow_reconnect=False, connect_timeout=2, error_cb=_quiet)
    try:
        yield nc
    finally:
        await asyncio.gather(nc.close(), return_exceptions=True)


async def _window(js: JetStreamContext, tenant: str, lines: Sequence[InputLine], publisher: str) -> int:
    """Publishes a window of messages and waits for every confirmation."""
    futures = [await js.publish_async(in_subject(publisher, tenant, one.kind), one.data) for one in lines]
    await asyncio.wait_for(asyncio.gather(*futures), PATIENCE)
    return len(lines)


async def _quiet(_: Exception) -> None:
    """Prints no connection errors: unconfirmed messages are sent again."""


async def publish(url: str, tenant: str, conversation: Conversation) -> int:
    """Sends everything except the end of the ballot; returns the number of messages."""
    prepared = await send(url, tenant, map(line, opening(conversation, tenant)), "people and statements")
    return prepared + await send(url, tenant, map(line, votes(conversation)), "votes")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.real_input.publisher", description=__doc__)
    parser.add_argument("--nats", default="nats://127.0.0.1:4222")
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--votes", type=int, help="the first so many votes alone")
    parser.add_argument(
        "--close", action="store_true", help="move the clock to the end of the ballot, and nothing else"
    )
    given = parser.parse_args()
    if given.close:
        asyncio.run(send(given.nats, given.tenant, [close()], "the end of the ballot", CLI))
    else:
        asyncio.run(publish(given.nats, given.tenant, read(given.data, given.votes)))


if __name__ == "__main__":
    main()
