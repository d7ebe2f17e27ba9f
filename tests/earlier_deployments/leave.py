"""Lives in a house that runs, and leaves matters open in it: `make.py` has the code of an earlier commit run this.

Every story is told to its end. Then each is told again, as often as it has something else to leave open, up to just before a
step that moves an entity out of a state in which none was left yet; all these tellings end at the same moment of the
simulated clock, so that no deadline passes over what they leave. The step that would come next is written down with what
it led to in the whole story.

This must run on the code of the earlier commit: it uses what that has.
"""

import asyncio
import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from microgov.client import simulated_clock
from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.contracts import issues, matching
from microgov.contracts.directory import ChangeRules
from microgov.contracts.log import MessageQuarantined
from microgov.contracts.message import Envelope, Message, Question, plain
from microgov.contracts.notify import DeliveryFailed, RegisterContact, SetContact
from microgov.demo.player import Player
from microgov.stories.catalogue import STORIES
from microgov.stories.story import Step, Story, Wait
from microgov.text.sentences import Sentence

SIMULATED, REAL = "demo", "donghu"
DEAD_END = "http://127.0.0.1:9/old-house"
"""Where nobody listens: what is sent there waits for another attempt."""


class Matter(NamedTuple):
    """An entity in a state, about to be moved; a secret ballot counts apart."""

    table: str
    state: str
    sealed: bool


class Further(NamedTuple):
    """A state in which no story leaves anything: from where, by which message, and what comes next with which effect."""

    matter: Matter
    subject: str
    by: str
    to: Message
    next_by: str
    next_: Message
    effect: str

    def steps(self, story: Story, end: datetime) -> tuple[Step, Step]:
        """The step that leads there, and the next one."""
        subject = story.id(self.subject)
        ids = (story.id("further-1"), story.id("further-2"))
        later = {"review_at": end + timedelta(days=10)} if isinstance(self.to, issues.SuspendIssue) else {}
        to = self.to.model_copy(update=later)
        return (
            Step(Sentence("", ""), to, subject, story.id(self.by), id=ids[0]),
            Step(Sentence("", ""), self.next_, subject, story.id(self.next_by), id=ids[1]),
        )


LATER = datetime(2030, 1, 1, tzinfo=UTC)
FURTHER = (
    Further(
        Matter("issue", "triaged", False),
        "sheds1",
        "branch1",
        issues.SuspendIssue(reason="等待雨季结束", review_at=LATER),
        "branch1",
        issues.ResumeIssue(reason="雨停了"),
        issues.IssueResumed.TYPE,
    ),
    Further(
        Matter("issue", "routed", False),
        "parking",
        "branch",
        issues.ReferIssue(to="hotline", reason="归热线办理"),
        "branch",
        issues.ReportResult(text="热线已办理。"),
        issues.ResultReported.TYPE,
    ),
    Further(
        Matter("offer", "published", False),
        "offer",
        "branch",
        matching.PauseOffer(),
        "branch",
        matching.ResumeOffer(),
        matching.OfferResumed.TYPE,
    ),
)


class Watching(Player):
    """Remembers before which step of which story which matters are open, and what each step leads to."""

    def __init__(self, client: Client, var: Path) -> None:
        super().__init__(client, Console(stderr=True, quiet=True))
        self.states = States(var, client.tenant)
        self.open: dict[Matter, tuple[int, str]] = {}
        self.effects: dict[tuple[str, int], str] = {}
        self.story = ""

    async def _step(self, step: Step) -> None:
        if step.refused is None and not isinstance(step.message, Question):
            await self.client.settle()
            for table, state in self.states.of(step):
                matter, here = Matter(table, state, step.sealed), (_at(step), self.story)
                self.open[matter] = min(here, self.open.get(matter, here))
        await super()._step(step)

    def _effect(self, step: Step, effect: Envelope[Message]) -> None:
        super()._effect(step, effect)
        self.effects[self.story, _at(step)] = effect.type


def _at(step: Step) -> int:
    """Which step of its story it is, from 0."""
    return int(step.id.rsplit("-", 1)[1]) - 1


class States:
    """The states of entities, read from the services' files."""

    def __init__(self, var: Path, tenant: str) -> None:
        self.files = [var / service / f"{tenant}.sqlite" for service in ("issues", "matching")]

    def of(self, step: Step) -> Iterator[tuple[str, str]]:
        """Table and state of what a step names."""
        named = {step.subject, *(v for v in plain(step.message).values() if isinstance(v, str))}
        marks = ",".join("?" * len(named))
        for file in self.files:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as c:
                for table in _with_states(c):
                    rows = c.execute(
                        f'SELECT DISTINCT state FROM "{table}" WHERE id IN ({marks})', sorted(named)
                    )
                    yield from ((table, state) for (state,) in rows)


def _with_states(c: sqlite3.Connection) -> list[str]:
    names = [
        name for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return [
        name
        for name in names
        if {"id", "state"} <= {row[1] for row in c.execute(f'PRAGMA table_info("{name}")')}
    ]


async def told(client: Client, var: Path) -> Watching:
    """Every story to its end, as `microgov demo all` tells them."""
    player = Watching(client, var)
    for name, story in STORIES.items():
        player.story = name
        await player.play(
            story.make(f"all{list(STORIES).index(name)}", await simulated_clock.now(client), client.tenant)
        )
        print(f"told: {name}", file=sys.stderr)
    return player


async def left_open(client: Client, watched: Watching) -> list[dict[str, Any]]:
    """Tells the beginnings; returns the steps that come next."""
    now = await simulated_clock.now(client)
    points = sorted(set(watched.open.values()))
    lasts = {
        point: _last_pause(STORIES[point[1]].make("x", now, client.tenant), point[0], now) - now
        for point in points
    }
    end = now + max(lasts.values()) + timedelta(hours=1)
    steps, nexts = list[tuple[datetime, Step | Wait]](), list[dict[str, Any]]()
    for n, (at, name) in enumerate(points):
        start = end - lasts[at, name]
        story = STORIES[name].make(f"old{n}", start, client.tenant)
        steps += _timed(story.steps[:at], start)
        nexts.append(_written(story.steps[at], client.tenant, watched.effects[name, at]))
    for n, further in enumerate(FURTHER):
        at, name = watched.open[further.matter]
        start = end - lasts[at, name]
        story = STORIES[name].make(f"new{n}", start, client.tenant)
        moved, next_ = further.steps(story, end)
        steps += _timed([*story.steps[:at], moved], start)
        nexts.append(_written(next_, client.tenant, further.effect))
    steps.sort(key=lambda pair: pair[0])
    await Player(client, watched.console).play(
        Story("left", Sentence("", ""), "old", [step for _, step in steps])
    )
    return nexts


def _last_pause(story: Story, at: int, start: datetime) -> datetime:
    return max([start, *(step.until for step in story.steps[:at] if isinstance(step, Wait))])


def _timed(steps: list[Step | Wait], start: datetime) -> Iterator[tuple[datetime, Step | Wait]]:
    for step in steps:
        if isinstance(step, Wait):
            start = max(start, step.until)
        yield start, step


def _written(step: Step | Wait, tenant: str, effect: str) -> dict[str, Any]:
    assert isinstance(step, Step)
    message = {"type": step.message.TYPE, "data": plain(step.message)}
    how = {"by": step.by, "role": step.role, "on_behalf_of": step.on_behalf_of, "sealed": step.sealed}
    return {"tenant": tenant, "id": step.id, "subject": step.subject, **message, **how, "effect": effect}


async def left_in_real_time(client: Client) -> dict[str, Any]:
    """A matter that waits to be accepted and whose resident has a webhook; a message that no code could fold."""
    story = STORIES["vegetable-patch"].make("old", await simulated_clock.now(client), client.tenant)
    at = next(
        n
        for n, step in enumerate(story.steps)
        if isinstance(step, Step) and isinstance(step.message, issues.AcceptIssue)
    )
    player = Player(client, Console(stderr=True, quiet=True))
    await player.play(Story("left", Sentence("", ""), "old", story.steps[:at]))
    secret = "whsec_" + base64.b64encode(b"of an old house").decode()
    await client.ask(
        "notify", SetContact(person="old-wang", channel="webhook", address=DEAD_END, secret=secret)
    )
    gate = issues.SubmitIssue(title="铁门", text="关不上。", place="old-yuan", channel="app")
    await client.reaction(await client.send(RegisterContact(channel="webhook"), by="old-wang"))
    await client.reaction(await client.send(gate, "old-gate", by="old-wang"))
    await client.reaction(await client.send(issues.AcceptIssue(), "old-gate", by="old-branch"))
    async for stored, _ in client.log():
        if stored.subject.endswith(
            f".{DeliveryFailed.TYPE}"
        ):  # from now on a delivery waits for another attempt
            break
    return {
        "next": [_written(story.steps[at], client.tenant, issues.IssueAccepted.TYPE)],
        **await _quarantined(client),
    }


async def _quarantined(client: Client) -> dict[str, Any]:
    """The list of all themes is too long for the refusal of a theme that is none; what follows about the lamp waits."""
    themes = [{"theme": f"theme_{n}", "name": f"第{n}类"} for n in range(150)]
    content = {"section": "themes", "themes": themes}
    await client.send(ChangeRules.model_validate({"content": content}), "themes", by="office", role="office")
    triage = issues.TriageIssue(
        theme="lamps", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
    )
    failed = await client.send(triage, "old-lamp", by="old-branch")
    effect = await client.reaction(failed)
    assert effect is not None, effect
    assert isinstance(effect.data, MessageQuarantined), effect
    held = await client.send(issues.CosignIssue(channel="app"), "old-lamp", by="old-li")
    await client.settle()
    return {"quarantined": {"tenant": client.tenant, "seq": failed.log_seq, "held": held.id}}


async def main(var: Path) -> dict[str, Any]:
    """What the test has to know, as JSON."""
    async with Client(connection_settings(), REAL) as client:
        left = await left_in_real_time(client)
    async with Client(connection_settings(), SIMULATED) as client:
        watched = await told(client, var)
        left["next"] += await left_open(client, watched)
    left["matters"] = sorted(f"{m.table} {m.state}{' sealed' * m.sealed}" for m in watched.open)
    return left


def publisher() -> dict[str, str]:
    """A program outside that may send; its secret is shown this once."""
    given = [part for tenant in (REAL, SIMULATED) for part in ("--tenant", tenant)]
    command = [
        sys.executable,
        "-m",
        "microgov",
        "publishers",
        "add",
        "portal",
        *given,
        "--role",
        "resident",
        "--speaks-for",
        "anyone",
        "--password",
        "--json",
    ]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


if __name__ == "__main__":
    made = asyncio.run(main(Path(os.environ["MICROGOV_VAR"])))
    print(json.dumps({**made, "publisher": publisher()}, ensure_ascii=False, indent=1))
