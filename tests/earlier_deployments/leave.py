"""Plays stories in a running deployment and leaves entities of it in every state: `make.py` runs this on an earlier commit.

First every story is played to its end. Before each step that moves an entity out of a state, the state is noted. Then for
each noted state the story is played again under another prefix, up to just before that step, so that an entity stays in
that state. All of them end at the same moment of the simulated clock, so that no deadline falls due for the entities
that they leave. The step that would come next is written down together with the event that it led to in the whole story.

`make.py` copies this folder into the checkout of the earlier commit: these modules may use only what that commit has.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from microgov.client import simulated_clock
from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.demo.player import Player
from microgov.stories.catalogue import STORIES
from microgov.stories.story import Step, Story, Wait
from microgov.text.sentences import Sentence
from tests.earlier_deployments.further_states import FURTHER
from tests.earlier_deployments.leave_in_real_time import leave_in_real_time, step_as_json
from tests.earlier_deployments.open_matters import RememberingPlayer

SIMULATED, REAL = "demo", "donghu"
"""The tenant with a simulated clock, and the one with a real clock."""


async def play_all(client: Client, var: Path) -> RememberingPlayer:
    """Plays every story to its end, as `microgov demo all` does."""
    player = RememberingPlayer(client, var)
    for name, story in STORIES.items():
        player.story = name
        await player.play(
            story.make(f"all{list(STORIES).index(name)}", await simulated_clock.now(client), client.tenant)
        )
        print(f"played: {name}", file=sys.stderr)
    return player


async def leave_open(client: Client, watched: RememberingPlayer) -> list[dict[str, Any]]:
    """Plays the stories up to the noted steps, and returns those steps."""
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
        nexts.append(step_as_json(story.steps[at], client.tenant, watched.effects[name, at]))
    for n, further in enumerate(FURTHER):
        at, name = watched.open[further.matter]
        start = end - lasts[at, name]
        story = STORIES[name].make(f"new{n}", start, client.tenant)
        moved, next_ = further.steps(story, end)
        steps += _timed([*story.steps[:at], moved], start)
        nexts.append(step_as_json(next_, client.tenant, further.effect))
    steps.sort(key=lambda pair: pair[0])
    await Player(client, watched.console).play(
        Story("left", Sentence("", ""), "old", [step for _, step in steps])
    )
    return nexts


def _last_pause(story: Story, at: int, start: datetime) -> datetime:
    """When the last pause before that step ends; `start` where there is none."""
    return max([start, *(step.until for step in story.steps[:at] if isinstance(step, Wait))])


def _timed(steps: list[Step | Wait], start: datetime) -> Iterator[tuple[datetime, Step | Wait]]:
    """Each step with the time of the simulated clock at which it is played."""
    for step in steps:
        if isinstance(step, Wait):
            start = max(start, step.until)
        yield start, step


async def main(var: Path) -> dict[str, Any]:
    """Leaves entities open in both tenants. Returns what the test needs to know of them."""
    async with Client(connection_settings(), REAL) as client:
        left = await leave_in_real_time(client)
    async with Client(connection_settings(), SIMULATED) as client:
        watched = await play_all(client, var)
        left["next"] += await leave_open(client, watched)
    left["matters"] = sorted(f"{m.table} {m.state}{' sealed' * m.sealed}" for m in watched.open)
    return left


if __name__ == "__main__":
    result = asyncio.run(main(Path(os.environ["MICROGOV_VAR"])))
    print(json.dumps(result, ensure_ascii=False, indent=1))
