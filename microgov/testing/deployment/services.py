"""The services of one tenant in memory: they fold a log and each other's answers until nothing follows."""

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from microgov.contracts.registry import every_message
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import Parsed, read_one
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording, States
from microgov.services.chassis.replay.checkpoints import EACH_UP_TO
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.fold_session.session import FoldSession
from microgov.testing.deployment.fold import FoldInMemory
from microgov.testing.deployment.log import GrowingLog, Sink


class NotReproducible(Exception):
    """A service answers its own log otherwise when it is replayed; the text says where."""


class DeploymentState(NamedTuple):
    """A state of the deployment: length of the log, numbers of its writers, the time, and a copy of each database."""

    length: int
    numbers: dict[str, int]
    now: datetime
    databases: dict[str, sqlite3.Connection]


class ServicesInMemory:
    """Folds of one tenant with databases in memory, and their log. A handler that fails raises HandlerFailed.

    `now` is the tenant's time (UTC). `sink` gets every message instead of the list `log.messages`. `collects`: the states
    for a recording are collected on the way (after every thousandth message); needed where there is a sink.
    """

    def __init__(
        self,
        tenant: str,
        services: Sequence[Service],
        start: datetime,
        sink: Sink | None = None,
        collects: bool = False,
    ) -> None:
        every_message()
        self.tenant, self.now = tenant, start
        self.log = GrowingLog(sink)
        self.folds = {one.name: FoldInMemory(one, tenant, collects) for one in services}
        self._waiting: list[Stored] = []

    def append(self, writer: str, draft: Draft) -> Stored:
        """Appends a message; it is folded by `settle`."""
        stored = self.log.append(writer, draft)
        self._waiting.append(stored)
        return stored

    def settle(self) -> list[Stored]:
        """Folds what waits, what follows from it, and so on, until nothing follows; returns what has followed.

        All services fold the same messages, then their answers are appended, one service after the other: such a log
        comes into being where services lag a little.
        """
        followed: list[Stored] = []
        while self._waiting:
            fresh, self._waiting = [read_one(stored) for stored in self._waiting], []
            for name, fold in self.folds.items():
                followed += [self.append(name, draft) for draft in fold.fold(fresh)]
            self.folded(fresh)
        return followed

    def folded(self, messages: Sequence[Parsed]) -> None:
        """Is called with all messages that were just folded."""

    def session(self, service: str) -> AbstractContextManager[FoldSession]:
        """The session from which a service answers questions."""
        return self.folds[service].session()

    def snapshot(self) -> DeploymentState:
        """The present state, for `restore`; everything must be settled. Raises ValueError where a sink gets the messages or
        states are collected: these cannot be taken back.
        """
        if len(self.log.messages) < self.log.length or any(fold.collects for fold in self.folds.values()):
            raise ValueError(
                "a deployment with a sink, or which collects states, cannot return to an earlier state"
            )
        copies = {name: fold.copy() for name, fold in self.folds.items()}
        return DeploymentState(self.log.length, dict(self.log.numbers), self.now, copies)

    def restore(self, kept: DeploymentState) -> None:
        """Returns to an earlier state."""
        self.log.cut(kept.length, kept.numbers)
        self.now, self._waiting = kept.now, []
        for name, fold in self.folds.items():
            fold.restore(kept.databases[name])

    def close(self) -> None:
        """Closes the databases."""
        for fold in self.folds.values():
            fold.engine.dispose()

    def collected_states(self) -> dict[str, States]:
        """The states that were collected on the way, for a recording with more than 10,000 messages. Call it at the end."""
        return {name: fold.states.end() for name, fold in self.folds.items()}

    def recording(self) -> Recording:
        """The log as a recording with the states of the services: those that were collected on the way, or else those of a
        replay. Raises NotReproducible if that replay differs, ValueError if a sink has got the messages.
        """
        if len(self.log.messages) < self.log.length:
            raise ValueError("the sink has got the messages; a RecordingWriter writes them")
        made = Recording(self.tenant, tuple(self.log.messages), {})
        if len(made.messages) > EACH_UP_TO and all(fold.collects for fold in self.folds.values()):
            return Recording(made.tenant, made.messages, {}, states=self.collected_states())
        states: dict[str, States] = {}
        for name, fold in self.folds.items():
            states[name], difference = states_of(fold.service, made)
            if difference is not None:
                raise NotReproducible(str(difference))
        return Recording(made.tenant, made.messages, {}, states=states)

    def write(self, path: Path) -> int:
        """Writes the log as a recording; returns how many messages it holds."""
        made = self.recording()
        return recordings.write(path, made.tenant, made.messages, made.states)
