"""Replay: feeds a recording to each fold and compares its answers with the recorded ones, byte by byte.

Folds are replayed independently: each reads the inputs and the other folds' recorded messages, in recorded order. Its own
answers are compared and not fed back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.engine import Engine

from microgov.services.chassis.recording.entities import contains_id, is_about
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.checkpoints import StateComparison, has_state_at, recorded_tables
from microgov.services.chassis.replay.comparison import Comparison, state_difference
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import BATCH, NONE, feed, prepare
from microgov.services.chassis.replay.options import ALL, Options
from microgov.services.chassis.replay.report import Report
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


Progress = Callable[[str, str, int], None]
"""Called with a database, a service and the number of messages that were folded since the last call."""


def replay(
    recording: Recording,
    services: Sequence[Service],
    databases: Sequence[Database],
    options: Options = ALL,
    progress: Progress = lambda database, service, count: None,
) -> Report:
    """Replays a recording by these services on each of these databases.

    Without `options.every` it looks for the first difference in the order of the log over all services: after a difference
    at one message, the other services are only replayed up to that message.
    """
    report = Report(recording, options)
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
        compared = self.batch == 1 and report.recording.states and options.entity is None
        self.states = StateComparison(service, report.recording, options.every) if compared else None
        self.other_state: Difference | None = None

    def run(self, first: int | None, progress: Progress) -> int | None:
        """Replays the messages, but none behind the sequence `first`; returns that of the first difference."""
        report, name, service = self.report, self.database.name, self.service
        engine = self.database.engine(service)
        prepare(engine, service)
        found: list[int] = []
        upto = self.options.upto if first is None else first
        for difference in self._differences(engine, upto, progress):
            if not self._asked(difference):
                continue
            report.add(difference, name)
            found.append(difference.seq)
            if not self.options.every:
                break
        if first is None and (not found or self.options.every) and self._state_known():
            self._compare_end(engine)
        for total, count in (
            (report.answers, self._answers()),
            (report.other_words, self.comparison.other_words),
        ):
            total[service.name] = max(count, total.get(service.name, 0))
        engine.dispose()
        return min(found, default=None)

    def _asked(self, difference: Difference) -> bool:
        """Whether the difference is about the entity that was asked for: the answers, or the message that was answered."""
        entity = self.options.entity
        if entity is None:
            return True
        cause = difference.chain[-1].subject if difference.chain else ""
        return entity == cause or contains_id([*difference.recorded, *difference.said], entity)

    def _answers(self) -> int:
        """How many recorded answers were compared."""
        entity, at = self.options.entity, self.comparison.at
        if entity is None:
            return at
        return sum(
            1 for one in islice(self.report.recording.by(self.service.name), at) if is_about(one, entity)
        )

    def _state_known(self) -> bool:
        """Whether the recording holds the state where the replay ends."""
        return self.options.entity is None and has_state_at(self.report.recording, self.options.upto)

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
            sums == recorded_tables(recording, name, self.options.upto)
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
