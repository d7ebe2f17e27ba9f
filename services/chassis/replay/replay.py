"""Replay: feeds a recording to each fold and compares its answers with the recorded ones, byte by byte.

Folds are replayed independently: each reads the inputs and the other folds' recorded messages, in recorded order. Its own
answers are compared and not fed back.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy.engine import Engine

from microgov.services.chassis.replay.checkpoints import StateComparison, recorded_tables
from microgov.services.chassis.replay.comparison import Comparison, state_difference
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import BATCH, NONE, feed, prepare
from microgov.services.chassis.replay.recording import Recording
from microgov.services.chassis.replay.state import table_sums
from microgov.services.chassis.service import Service


@dataclass(frozen=True)
class Database:
    """A kind of database on which a recording is replayed.

    `engine` opens the empty database of a service. `batch`: how many messages a transaction folds at most. Decisions that
    depend on it differ between one message at a time and a thousand.
    """

    name: str
    engine: Callable[[Service], Engine]
    batch: int = BATCH


class Part(NamedTuple):
    """The part of a long recording that is folded one message at a time, where all of it would take too long; the rest is
    folded a thousand at a time. `length`: how many messages of the log; `seed` draws for each service where they begin. A
    recording that is not longer is folded one at a time as a whole. With a part, rows are compared at the end alone.
    """

    length: int
    seed: int

    def drawn(self, recording: Recording, service: Service) -> range:
        """The sequences of the log that are folded one at a time; none of a recording that is not longer."""
        longer = len(recording.messages) - self.length
        first = random.Random(f"{self.seed} {service.name}").randint(1, longer + 1) if longer > 0 else 0
        return range(first, first + self.length) if first else NONE


@dataclass(frozen=True)
class Options:
    """`every`: goes on after the first difference. `words`: refusals in other words are differences, too. `part`: the part
    that is folded one at a time (None: all).
    """

    every: bool = False
    words: bool = False
    part: Part | None = None


@dataclass
class Report:
    """The outcome of a replay on one or several databases.

    `differences`: each with the names of the databases on which it was found, in the order of the log. `states`: database →
    service → table → sum at the end; a service whose replay ended at a difference has none. `other_state`: service → the
    databases on which its rows are others than the recorded ones at the end. `answers`: how many recorded answers were
    compared, by service; `other_words`: how many of them are refusals that differ in their words alone.
    """

    recording: Recording
    differences: list[tuple[Difference, list[str]]] = field(default_factory=list)
    states: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    other_state: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    other_words: dict[str, int] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether messages and state are the recorded ones."""
        return not self.differences and not self.other_state

    def other_tables(self, service: str) -> list[str]:
        """The tables that differ at the end; none are known of an older recording, which has one digest for all."""
        if not self.recording.states:
            return []
        recorded = recorded_tables(self.recording, service)
        states = [self.states[database][service] for database in self.other_state.get(service, ())]
        return sorted(
            {name for one in states for name in {*one, *recorded} if one.get(name) != recorded.get(name)}
        )

    def add(self, difference: Difference, database: str) -> None:
        """Adds a difference, or the database to one that was found before."""
        same = next((on for one, on in self.differences if _same(one, difference)), None)
        if same is not None:
            same.append(database)
        else:
            self.differences.append((difference, [database]))
            self.differences.sort(key=lambda one: (one[0].seq, one[0].kind == "state"))

    def as_json(self) -> dict[str, Any]:
        """Counts, states and differences as JSON values."""
        return {
            "messages": len(self.recording.messages),
            "answers": sum(self.answers.values()),
            "services": sum(map(bool, self.answers.values())),
            "other_words": sum(self.other_words.values()),
            "states": self.states,
            "other_state": {
                name: {"databases": on, "tables": self.other_tables(name)}
                for name, on in self.other_state.items()
            },
            "differences": [{**one.as_json(), "databases": on} for one, on in self.differences],
        }


def _same(one: Difference, other: Difference) -> bool:
    return (one.service, one.seq, one.kind, one.said) == (other.service, other.seq, other.kind, other.said)


FIRST_ONLY = Options()
Progress = Callable[[str, str, int], None]
"""Called with a database, a service and the number of messages that were folded since the last call."""


def replay(
    recording: Recording,
    services: Sequence[Service],
    databases: Sequence[Database],
    options: Options = FIRST_ONLY,
    progress: Progress = lambda database, service, count: None,
) -> Report:
    """Replays a recording by these services on each of these databases.

    Without `options.every` it looks for the first difference in the order of the log over all services: after a difference
    at one message, the other services are only replayed up to that message.
    """
    report = Report(recording)
    first: int | None = None
    for database in databases:
        for service in services:
            found = _ServiceReplay(report, service, database, options).run(first, progress)
            if found is not None and not options.every:
                first = found
    if not options.every:
        del report.differences[1:]
    return report


class _ServiceReplay:
    """The replay of one service on one database."""

    def __init__(self, report: Report, service: Service, database: Database, options: Options) -> None:
        self.report, self.service, self.database, self.options = report, service, database, options
        self.comparison = Comparison(service, report.recording, options.words)
        part = options.part if database.batch == 1 else None
        self.alone = part.drawn(report.recording, service) if part is not None else NONE
        self.batch = BATCH if self.alone else database.batch
        compared = self.batch == 1 and report.recording.states
        self.states = StateComparison(service, report.recording, options.every) if compared else None
        self.other_state: Difference | None = None

    def run(self, upto: int | None, progress: Progress) -> int | None:
        """Replays the messages up to this sequence; returns that of the first difference."""
        report, name, service = self.report, self.database.name, self.service
        engine = self.database.engine(service)
        prepare(engine, service)
        found: list[int] = []
        for difference in self._differences(engine, upto, progress):
            report.add(difference, name)
            found.append(difference.seq)
            if not self.options.every:
                break
        if upto is None and (not found or self.options.every):
            self._compare_end(engine)
        for total, count in (
            (report.answers, self.comparison.at),
            (report.other_words, self.comparison.other_words),
        ):
            total[service.name] = max(count, total.get(service.name, 0))
        engine.dispose()
        return min(found, default=None)

    def _differences(self, engine: Engine, upto: int | None, progress: Progress) -> Iterator[Difference]:
        """The differences of messages; before the first one that comes later, that of the state."""
        report, name, service = self.report, self.database.name, self.service
        answers = feed(
            service,
            report.recording,
            engine,
            lambda n: progress(name, service.name, n),
            self.batch,
            upto,
            self.states,
            self.alone,
        )
        told = False
        for difference in self.comparison.differences(answers, lambda: self._last(upto)):
            other = self._other_state()
            if other is not None and not told and other.seq < difference.seq:
                told = True
                yield other
            yield difference
        if self.states is not None:
            self.states.end()
        other = self._other_state()
        if other is not None and not told:
            yield other

    def _last(self, upto: int | None) -> int | None:
        """Up to which sequence messages were folded: to where the state differs, if the replay ended there."""
        found = self.states.found if self.states is not None and self.states.ended else None
        return upto if found is None else found.seq

    def _other_state(self) -> Difference | None:
        found = self.states.found if self.states is not None else None
        if found is not None and self.other_state is None:
            self.other_state = state_difference(self.service, self.report.recording, found)
        return self.other_state

    def _compare_end(self, engine: Engine) -> None:
        recording, name = self.report.recording, self.service.name
        with engine.connect() as c:
            sums = table_sums(c, self.service)
            old = digest(c, self.service) if not recording.states else ""
        self.report.states.setdefault(self.database.name, {})[name] = sums
        same = (
            sums == recorded_tables(recording, name)
            if recording.states
            else old == recording.digests.get(name)
        )
        if not same:
            self.report.other_state.setdefault(name, []).append(self.database.name)


def check(
    service: Service,
    recording: Recording,
    engine: Engine,
    progress: Callable[[int], None] = lambda _: None,
    batch: int = BATCH,
) -> Difference | None:
    """Feeds the recording to one fold, whose database is prepared; returns the first difference, or None."""
    answers = feed(service, recording, engine, progress, batch)
    return next(Comparison(service, recording).differences(answers), None)
