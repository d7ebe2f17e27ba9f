"""Notes, while stories are played, which entities are in which state before each step; reads the services' databases."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from microgov.client.publisher import Client
from microgov.contracts.message import Envelope, Message, Question, plain
from microgov.demo.player import Player
from microgov.stories.story import Step


class OpenMatter(NamedTuple):
    """A table and a state in it that a step moves an entity out of; `sealed`: the step casts a secret vote."""

    table: str
    state: str
    sealed: bool


class RememberingPlayer(Player):
    """Notes the first step of the stories that finds an entity in a state, and the event that each step leads to.

    `open`: for each state the number of that step, and the story. `effects`: by story and number of the step.
    """

    def __init__(self, client: Client, var: Path) -> None:
        super().__init__(client, Console(stderr=True, quiet=True))
        self.states = States(var, client.tenant)
        self.open: dict[OpenMatter, tuple[int, str]] = {}
        self.effects: dict[tuple[str, int], str] = {}
        self.story = ""

    async def _step(self, step: Step) -> None:
        if step.refused is None and not isinstance(step.message, Question):
            await self.client.settle()
            for table, state in self.states.of(step):
                matter, place = OpenMatter(table, state, step.sealed), (_at(step), self.story)
                self.open[matter] = min(place, self.open.get(matter, place))
        await super()._step(step)

    def _effect(self, step: Step, effect: Envelope[Message]) -> None:
        super()._effect(step, effect)
        self.effects[self.story, _at(step)] = effect.type


def _at(step: Step) -> int:
    """The number of the step in its story, from 0."""
    return int(step.id.rsplit("-", 1)[1]) - 1


class States:
    """Reads the states of entities from the SQLite files of the services."""

    def __init__(self, var: Path, tenant: str) -> None:
        self.files = [var / service / f"{tenant}.sqlite" for service in ("issues", "matching")]

    def of(self, step: Step) -> Iterator[tuple[str, str]]:
        """Table and state of every entity whose id is in the step."""
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
    """The tables that have an id and a state."""
    names = [
        name for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return [
        name
        for name in names
        if {"id", "state"} <= {row[1] for row in c.execute(f'PRAGMA table_info("{name}")')}
    ]
