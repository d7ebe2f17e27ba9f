"""Replay: feeds a recording to each fold and compares its answers with the recorded ones, byte by byte.

Folds are replayed independently: each reads the inputs and the other folds' recorded messages, in recorded order. Its own
answers are compared and not fed back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Engine

from microgov.services.chassis.replay.comparison import Comparison
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import BATCH, feed, prepare
from microgov.services.chassis.replay.recording import Recording
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


@dataclass(frozen=True)
class Options:
    """`every`: goes on after the first difference. `words`: refusals in other words are differences, too."""

    every: bool = False
    words: bool = False


@dataclass
class Report:
    """The outcome of a replay on one or several databases.

    `differences`: each with the names of the databases on which it was found, in the order of the log. `digests`: database →
    service → digest; a service whose replay ended at a difference has none. `answers`: how many recorded answers were
    compared, by service; `other_words`: how many of them are refusals that differ in their words alone.
    """

    recording: Recording
    differences: list[tuple[Difference, list[str]]] = field(default_factory=list)
    digests: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    other_words: dict[str, int] = field(default_factory=dict)

    @property
    def other_state(self) -> dict[str, list[str]]:
        """By service, the databases on which its rows have another digest than the recorded one."""
        found: dict[str, list[str]] = {}
        for database, digests in self.digests.items():
            for service, one in digests.items():
                if one != self.recording.digests.get(service):
                    found.setdefault(service, []).append(database)
        return found

    def add(self, difference: Difference, database: str) -> None:
        """Adds a difference, or the database to one that was found before."""
        same = next((on for one, on in self.differences if _same(one, difference)), None)
        if same is not None:
            same.append(database)
        else:
            self.differences.append((difference, [database]))
            self.differences.sort(key=lambda one: one[0].seq)

    def as_json(self) -> dict[str, Any]:
        """Counts, digests and differences as JSON values."""
        return {
            "messages": len(self.recording.messages),
            "answers": sum(self.answers.values()),
            "services": sum(map(bool, self.answers.values())),
            "other_words": sum(self.other_words.values()),
            "digests": self.digests,
            "other_state": self.other_state,
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
    for database in databases:
        first: int | None = None
        for service in services:
            found = _replay_one(report, service, database, options, first, progress)
            if found is not None and not options.every:
                first = found
    if not options.every:
        del report.differences[1:]
    return report


def _replay_one(
    report: Report,
    service: Service,
    database: Database,
    options: Options,
    upto: int | None,
    progress: Progress,
) -> int | None:
    """Replays one service on one database; returns the sequence of its first difference."""
    recording, engine = report.recording, database.engine(service)
    prepare(engine, service)
    comparison = Comparison(service, recording, options.words)
    answers = feed(
        service, recording, engine, lambda n: progress(database.name, service.name, n), database.batch, upto
    )
    found: int | None = None
    for difference in comparison.differences(answers, upto):
        report.add(difference, database.name)
        found = difference.seq if found is None else min(found, difference.seq)
        if not options.every:
            break
    if upto is None and (found is None or options.every):
        with engine.connect() as c:
            report.digests.setdefault(database.name, {})[service.name] = digest(c, service)
    for total, count in ((report.answers, comparison.at), (report.other_words, comparison.other_words)):
        total[service.name] = max(count, total.get(service.name, 0))
    engine.dispose()
    return found


def check(
    service: Service, recording: Recording, engine: Engine, progress: Callable[[int], None] = lambda _: None
) -> Difference | None:
    """Feeds the recording to one fold, whose database is prepared; returns the first difference, or None."""
    answers: Iterator[Any] = feed(service, recording, engine, progress)
    return next(Comparison(service, recording).differences(answers), None)
