"""The outcome of a replay."""

from dataclasses import asdict, dataclass, field
from typing import Any

from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.checkpoints import recorded_tables
from microgov.services.chassis.replay.difference import Difference
from microgov.services.chassis.replay.options import ALL, Compared, Options


@dataclass
class Report:
    """The outcome of a replay on one or several databases.

    `differences`: each with the names of the databases on which it was found, in the order of the log. `states`: database →
    service → table → sum at the end; a service whose replay ended at a difference has none. `other_state`: service → the
    databases on which its rows are others than the recorded ones at the end. `answers`: how many recorded answers were
    compared, by service; `other_words`: how many of them are refusals that differ in their words alone.
    """

    recording: Recording
    options: Options = ALL
    differences: list[tuple[Difference, list[str]]] = field(default_factory=list)
    states: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    other_state: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    other_words: dict[str, int] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether messages and state are the recorded ones."""
        return not self.differences and not self.other_state

    @property
    def compared(self) -> Compared:
        """What was compared, if nothing differed."""
        upto, said = self.options.upto, [count for count in self.answers.values() if count]
        messages = sum(1 for m in self.recording.messages if upto is None or m.seq <= upto)
        return Compared(messages, sum(said), len(said), bool(self.states) and self.options.entity is None)

    def other_tables(self, service: str) -> list[str]:
        """The tables that differ at the end; none are known of an older recording, which has one digest for all."""
        if not self.recording.states:
            return []
        recorded = recorded_tables(self.recording, service, self.options.upto)
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
            **asdict(self.compared),
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
