"""From which inputs of a recording the answers about one entity follow.

A service's answer follows from the message that it answers and from the rows that its handler used; these rows from the
messages for which they were written (tracing.py). An answer among those messages follows again from its cause, and so on,
down to the inputs.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from microgov.contracts.message import type_in
from microgov.services.chassis.log import Stored, body_of, data_of, id_of
from microgov.services.chassis.recording.entities import is_about
from microgov.services.chassis.regeneration.regenerate import ORDERS
from microgov.services.chassis.regeneration.tracing import Use

Uses = Mapping[str, Mapping[int, list[Use]]]
"""By service and sequence of a message, the rows that were used for it."""


@dataclass
class Origins:
    """Where the messages of a recording come from.

    `writer` and `causes`: by sequence, who wrote a message, and the sequences of the messages that it follows from. `about`:
    the messages that name the entity, up to the last one that counts.
    """

    folds: Collection[str]
    writer: dict[int, str] = field(default_factory=dict)
    causes: dict[int, list[int]] = field(default_factory=dict)
    about: list[int] = field(default_factory=list)

    def is_input(self, seq: int) -> bool:
        """Whether the message is an input."""
        return self.writer[seq] not in self.folds


def origins_of(messages: Iterable[Stored], folds: Collection[str], entity: str, upto: int | None) -> Origins:
    """Reads where each message comes from. With `upto`, the messages about the entity up to this sequence count, and the
    answers to them.
    """
    made, seqs = Origins(folds), dict[str, int]()
    for stored in messages:
        body, seq = body_of(stored), stored.seq
        seqs.setdefault(id_of(stored), seq)
        made.writer[seq] = stored.subject.split(".", 3)[2]
        cause = seqs.get(str(body.get("causationid")))
        made.causes[seq] = [] if cause is None else [cause]
        if type_in(stored.subject) in ORDERS:
            named = data_of(stored).get("stream_seq")
            made.causes[seq] += [named] if isinstance(named, int) else []
        counts = upto is None or (cause if cause is not None and not made.is_input(seq) else seq) <= upto
        if counts and is_about(stored, entity):
            made.about.append(seq)
    return made


def inputs_for(origins: Origins, uses: Uses, ignored: Collection[str] = ()) -> tuple[set[int], set[str]]:
    """The sequences of the inputs from which all messages about the entity follow; and the tables of sums and counters that
    were used. What other messages have added to the tables `ignored` is left out.
    """
    inputs: set[int] = set()
    tables: set[str] = set()
    seen: set[tuple[str, int]] = set()
    wanted = list(origins.about)
    todo: list[tuple[str, int]] = []
    answering: set[int] = set()
    for seq in origins.about:
        if origins.is_input(seq):
            todo += [(service, seq) for service in uses]
    while wanted or todo:
        while wanted:
            seq = wanted.pop()
            if seq in answering or seq not in origins.writer:
                continue
            answering.add(seq)
            if origins.is_input(seq):
                inputs.add(seq)
                wanted += origins.causes[seq]
            else:
                todo += [(origins.writer[seq], cause) for cause in origins.causes[seq]]
        if todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                service, seq = node
                wanted.append(seq)
                for use in uses[service].get(seq, ()):
                    tables |= {use.table} if use.counted else set()
                    if not (use.counted and use.table in ignored):
                        todo.append((service, use.made_by))
    return inputs, tables
