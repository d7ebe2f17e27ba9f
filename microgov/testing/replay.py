"""The object of the fixture `replay`: it compares a recording with the messages and rows of the present services."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from microgov.contracts.fields import Role
from microgov.contracts.message import Envelope, Message
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.recording.verifying import foreign_parts, verify
from microgov.services.chassis.regeneration.regenerate import Regenerated
from microgov.services.chassis.replay import replay as replaying
from microgov.services.chassis.replay.feeding import BATCH, CACHE_KB
from microgov.services.chassis.replay.options import Options, Part
from microgov.services.chassis.replay.replay import Database
from microgov.services.chassis.replay.report import Report
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import SCRATCH, engine
from microgov.testing import variants
from microgov.testing.present import PresentServices
from microgov.testing.updating import updated, write
from microgov.testing.variants import What
from microgov.testing.wording import shown_difference, shown_states

M = TypeVar("M", bound=Message)
T = TypeVar("T")
BATCHES = {"memory": 1}
"""How many messages a transaction folds, by database: a decision that depends on it differs between two of them."""


def database(name: str, urls: Mapping[str, str]) -> Database:
    """A kind of database; `urls`: by service, the URL of its database."""
    return Database(
        name, lambda service: engine(urls[service.name], cache_kb=CACHE_KB), BATCHES.get(name, BATCH)
    )


def urls_of(name: str, folder: Path, services: Sequence[Service] = FOLDS) -> dict[str, str]:
    """The URLs of the services' databases: in memory, or SQLite files in this folder."""
    url = SCRATCH if name == "memory" else f"sqlite:///{folder}/{{service}}.sqlite"
    return {service.name: url.format(service=service.name) for service in services}


class Replay:
    """A recording that is replayed by the present services.

    `databases` holds the URLs by kind of database (memory, sqlite, postgresql) and by service. `update`: the file in which
    the present answers are written if they differ. `services`: those that answer. `part`: of a recording that is longer,
    only this part is folded one message at a time in memory (see Part). `left_out`: of a variant, the inputs that are gone
    because what caused them does not happen any more.
    """

    def __init__(
        self,
        recording: Recording,
        databases: dict[str, dict[str, str]],
        update: Path | None = None,
        services: Sequence[Service] = FOLDS,
        part: Part | None = None,
    ) -> None:
        self.recording, self.databases, self.update, self.services = recording, databases, update, services
        self.part = part
        self.left_out: tuple[Stored, ...] = ()

    @cached_property
    def problems(self) -> list[str]:
        """What is wrong with the recording itself, and what in it belongs to no service."""
        every_message()
        return [
            *foreign_parts(self.recording, [service.name for service in self.services]),
            *verify(self.recording),
        ]

    @cached_property
    def report(self) -> Report:
        """The outcome of the replay up to the first difference; of an update, all differences."""
        databases = [database(name, urls) for name, urls in self.databases.items()]
        options = Options(every=self.update is not None, part=self.part)
        report = replaying.replay(self.recording, self.services, databases, options)
        if self.update is not None and not report.same:
            write(self.update, updated(self.recording, self.services))
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

    def without(self, *what: What) -> "Replay":
        """The same log without some inputs, as the present services answer it: what would have happened?

        Each of `what` is a sequence, the id of a message, a type, a type with the id of its entity, or a function of the
        message. Inputs that report on something that now does not happen are left out, too (`left_out`).

            other = replay.without((CastVote, "ballot-1"))
            assert not other.said(TopicAdopted)
            other = replay.without(lambda m: m.authid == "li")

        Raises ValueError for what names no input.
        """
        return self._variant(variants.without(self.recording, *what, services=self.services))

    def insert(
        self, message: Message, subject: str, *, by: str, after: int | None = None, role: Role | None = None
    ) -> "Replay":
        """The same log with one more input, which the person `by` sends about the entity `subject`.

        It stands behind the message at the sequence `after` (None: at the end) and has its time. Without `role` the person
        acts in the role of their last message. The door is not asked, which checks senders and rights.

            other = replay.insert(CosignIssue(), "veg-1", by="li", after=70)
            assert other.row(Issue, "veg-1").people == 2

        Raises ValueError for a place that is not there, and for a person of whom no role is known.
        """
        return self._variant(
            variants.with_input(self.recording, message, subject, after, by, role, self.services)
        )

    def until(self, seq: int) -> "Replay":
        """The log up to this sequence, with all answers to it.

        assert replay.until(98).said(VoteCast) == []
        """
        return self._variant(variants.until(self.recording, seq, self.services))

    def at(self, time: datetime) -> "Replay":
        """The log up to this time, with all answers to it.

        assert replay.at(datetime(2026, 3, 3, tzinfo=UTC)).row(Issue, "veg-1").people == 1
        """
        return self._variant(variants.at(self.recording, time, self.services))

    def said(self, kind: type[M], subject: str | None = None) -> list[Envelope[M]]:
        """The answers of this type (about this entity) that the present services give, in order.

        assert [m.data.option for m in replay.said(VoteCast, "ballot-1")] == ["flowers", "fence"]
        """
        return [*self.present.answers(kind, subject)]

    def row(self, cls: type[T], id: Any) -> T | None:
        """The row of a service's table with this primary key (a tuple if it has several columns) after the last message;
        None if there is none.

            assert replay.row(Issue, "veg-1").status == "closed"
        """
        return self.present.row(cls, id)

    @cached_property
    def present(self) -> PresentServices:
        """The present services after the last message."""
        return PresentServices(self.recording, self.services)

    def _variant(self, made: Regenerated) -> "Replay":
        other = Replay(made.recording, self.databases, services=self.services)
        other.left_out = made.left_out
        return other

    def _skip_if_updated(self) -> None:
        """Skips the test if it has updated its recording; the reason is what differed."""
        if self.update is not None and not self.report.same:
            import pytest  # the commands use this module, too, where pytest is not installed

            differed = [*self.differences, *shown_states(self.report)]
            pytest.skip("\n".join([f"{self.update} was updated. What differed:", *differed]))
