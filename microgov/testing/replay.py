"""The object of the fixture `replay`: it compares a recording with the messages and rows of the present services."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.replay import replay as replaying
from microgov.services.chassis.replay.feeding import BATCH, CACHE_KB
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.replay import Database, Options, Part, Report
from microgov.services.chassis.replay.verifying import foreign_parts, verify
from microgov.services.chassis.store.engine import SCRATCH, engine
from microgov.testing.updating import updated, write
from microgov.testing.wording import shown_difference, shown_states

BATCHES = {"memory": 1}
"""How many messages a transaction folds, by database: a decision that depends on it differs between two of them."""


def database(name: str, urls: Mapping[str, str]) -> Database:
    """A kind of database; `urls`: by service, the URL of its database."""
    return Database(
        name, lambda service: engine(urls[service.name], cache_kb=CACHE_KB), BATCHES.get(name, BATCH)
    )


def urls_of(name: str, folder: Path) -> dict[str, str]:
    """The URLs of the services' databases: in memory, or SQLite files in this folder."""
    url = SCRATCH if name == "memory" else f"sqlite:///{folder}/{{service}}.sqlite"
    return {service.name: url.format(service=service.name) for service in FOLDS}


class Replay:
    """A recording that is replayed by the present services.

    `databases` holds the URLs by kind of database (memory, sqlite, postgresql) and by service. `update`: the file in which
    the present answers are written if they differ. `part`: of a recording that is longer, only this part is folded one
    message at a time in memory (see Part).
    """

    def __init__(
        self,
        recording: Recording,
        databases: dict[str, dict[str, str]],
        update: Path | None = None,
        part: Part | None = None,
    ) -> None:
        self.recording, self.databases, self.update, self.part = recording, databases, update, part

    @cached_property
    def problems(self) -> list[str]:
        """What is wrong with the recording itself, and what in it belongs to no service."""
        every_message()
        return [*foreign_parts(self.recording, [service.name for service in FOLDS]), *verify(self.recording)]

    @cached_property
    def report(self) -> Report:
        """The outcome of the replay up to the first difference; of an update, all differences."""
        databases = [database(name, urls) for name, urls in self.databases.items()]
        options = Options(every=self.update is not None, part=self.part)
        report = replaying.replay(self.recording, FOLDS, databases, options)
        if self.update is not None and not report.same:
            write(self.update, updated(self.recording, FOLDS))
        return report

    @property
    def differences(self) -> list[str]:
        """The problems of the recording, and the first difference, in words."""
        return [*self.problems, *(shown_difference(found, on) for found, on in self.report.differences)]

    def assert_same_messages(self) -> None:
        """Asserts that every fold produces exactly the recorded messages, on every database."""
        assert not self.problems, self.problems[0]
        self._skip_if_updated()
        assert not self.differences, self.differences[0]

    def assert_same_state(self) -> None:
        """Asserts that every fold ends with the recorded digest of its rows, on every database."""
        self.assert_same_messages()
        assert not self.report.other_state, "\n".join(shown_states(self.report))

    def _skip_if_updated(self) -> None:
        """Skips the test if it has updated its recording; the reason is what differed."""
        if self.update is not None and not self.report.same:
            import pytest  # the commands use this module, too, where pytest is not installed

            differed = [*self.differences, *shown_states(self.report)]
            pytest.skip("\n".join([f"{self.update} was updated. What differed:", *differed]))
