"""Cuts a recording down to one entity: the inputs about it, and all inputs on which the answers to them depend.

Sums and counters that many entities share, such as how many notices a person got today, would bring in nearly everything.
So the smallest cut comes first, which leaves out what others have added to such tables. It is answered by the present
services, and if the answers about the entity are not the same as in the recording, a table more is taken in, and so on up to
all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from microgov.services.chassis.log import Stored, body_of, data_of, id_of
from microgov.services.chassis.recording.entities import must_be_named
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.regeneration.dependencies import Origins, Uses, inputs_for, origins_of
from microgov.services.chassis.regeneration.regenerate import Regenerated, regenerate
from microgov.services.chassis.regeneration.tracing import trace
from microgov.services.chassis.service import Service

Progress = Callable[[str, int], None]
"""Called with a service and how many of its messages were read since the last call."""


@dataclass(frozen=True)
class Cut:
    """A recording that was cut. `inputs`: how many it has; `of_inputs` and `of_messages`: how many the whole one has.
    `answers`: how many recorded answers are about the entity; `other`: those of them that are not the same in the cut, or
    not there. Numbers of writers and of the log do not count.
    """

    made: Regenerated
    inputs: int
    of_inputs: int
    of_messages: int
    answers: int
    other: tuple[Stored, ...]


def cut(
    recording: Recording,
    services: Sequence[Service],
    entity: str,
    upto: int | None = None,
    progress: Progress = lambda service, count: None,
) -> Cut:
    """Cuts the recording down to an entity, or to its messages up to the sequence `upto` and the answers to them. Raises
    Problem if the recording does not name it.
    """
    must_be_named((m for m in recording.messages if upto is None or m.seq <= upto), entity)
    origins = origins_of(recording.messages, {service.name for service in services}, entity, upto)
    uses = {
        service.name: trace(service, recording, max(origins.about), partial(progress, service.name))
        for service in services
    }
    wanted = {*origins.about}
    recorded = [m for m in recording.messages if m.seq in wanted and not origins.is_input(m.seq)]
    of_inputs = sum(map(origins.is_input, origins.writer))
    best: Cut | None = None
    for inputs in _candidates(origins, uses):
        some = replace(recording, messages=tuple(_kept(recording, origins, inputs)))
        made = regenerate(some, services, again=False)
        other = _other(recorded, made.recording)
        found = Cut(made, len(inputs), of_inputs, len(origins.writer), len(recorded), other)
        if best is None or len(other) < len(best.other):
            best = found
        if not other:
            break
    assert best is not None
    return best


def _candidates(origins: Origins, uses: Uses) -> Iterator[set[int]]:
    """Sets of inputs, each larger than the one before: without any shared sums, then with those of one table after the
    other, the table first that brings in the least.
    """
    _, ignored = inputs_for(origins, uses)
    last, more = inputs_for(origins, uses, ignored)
    yield last
    while more := more & ignored:
        with_one = {table: inputs_for(origins, uses, ignored - {table}) for table in sorted(more)}
        table = min(with_one, key=lambda name: len(with_one[name][0]))
        ignored = ignored - {table}
        inputs, more = with_one[table]
        if inputs != last:
            last = inputs
            yield last


def _kept(recording: Recording, origins: Origins, inputs: set[int]) -> Iterator[Stored]:
    """The messages with these inputs, and the answers that follow from them."""
    kept: set[int] = set()
    for stored in recording.messages:
        if stored.seq in inputs or (
            not origins.is_input(stored.seq) and not kept.isdisjoint(origins.causes[stored.seq])
        ):
            kept.add(stored.seq)
            yield stored


def _other(recorded: Iterable[Stored], now: Recording) -> tuple[Stored, ...]:
    """The recorded answers that are not in the cut, or are others."""
    answers = {id_of(stored): _compared(stored) for stored in now.messages}
    return tuple(one for one in recorded if answers.get(id_of(one)) != _compared(one))


def _compared(stored: Stored) -> dict[str, Any]:
    """The message without the numbers that depend on what else is in the log."""
    data = {name: value for name, value in data_of(stored).items() if name != "stream_seq"}
    return {**body_of(stored), "data": data, "sequence": None}
