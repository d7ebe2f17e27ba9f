"""Regenerates a recording from its inputs: the present services answer them, and their answers take the place of the
recorded ones.

The inputs and their order stay as they were recorded: what publishers sent, what edges reported, which deadlines were
reached. An answer that was recorded keeps its place; a new one stands behind its cause. A deadline that is new is not
reached, and nothing is delivered: for that, the case has to be played again. An input whose cause is not in the log any more
is left out.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from microgov.contracts.log import DiscardMessage, RetryMessage
from microgov.contracts.message import canonical, type_in
from microgov.services.chassis.log import Stored, body_of, data_of, id_of
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.feeding import Feeding, prepare, scratch_engine
from microgov.services.chassis.replay.sandbox import sandbox
from microgov.services.chassis.service import Service

TRIED_AGAIN = frozenset({"handler_failed", "handler_stopped", "not_valid"})
"""Codes of quarantines that are decided anew."""
ORDERS = frozenset({RetryMessage.TYPE, DiscardMessage.TYPE})
"""Inputs that name another message by its sequence in the log."""


@dataclass(frozen=True)
class Regenerated:
    """The new recording (without states), and the inputs that were left out because their cause is gone."""

    recording: Recording
    left_out: tuple[Stored, ...]


@dataclass
class Deployment:
    """The services that answer while the new log is written.

    `waiting`: by service, its answers that have no place yet. `recorded`: the ids in the recording. `places`: id → sequence
    in the new log.
    """

    folds: dict[str, tuple[Feeding, frozenset[str]]]
    waiting: dict[str, deque[Draft]]
    recorded: frozenset[str]
    log: list[Stored] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def put_answers(self, service: str, id: str) -> None:
        """Writes the waiting answers of a service up to the one with this id; nothing if it is not given any more."""
        waiting = self.waiting[service]
        if any(draft.id == id for draft in waiting):
            while self.put_answer(service) != id:
                pass
            self.put_new()

    def put_new(self) -> None:
        """Writes the answers that were not recorded and whose turn it is, and what follows from them."""
        put = True
        while put:
            put = False
            for service, waiting in self.waiting.items():
                while waiting and waiting[0].id not in self.recorded:
                    self.put_answer(service)
                    put = True

    def put_answer(self, service: str) -> str:
        """Writes the answer of a service that waits longest; returns its id."""
        draft = self.waiting[service].popleft()
        self.put(draft.subject, service, draft.data, draft.id)
        return draft.id

    def put(self, subject: str, writer: str, data: bytes, id: str) -> None:
        """Writes a message with its next number, and lets every service answer it."""
        n = self.numbers[writer] = self.numbers.get(writer, 0) + 1
        stored = Stored(len(self.log) + 1, subject, Draft(id, subject, data).numbered(n).data)
        self.log.append(stored)
        self.places[id] = stored.seq
        for service, (feeding, types) in self.folds.items():
            if type_in(subject) in types:
                self.waiting[service].extend(_answers(feeding, stored))


def _answers(feeding: Feeding, stored: Stored) -> Sequence[Draft]:
    parsed = [read_one(stored)]
    feeding.note_invalid(parsed)
    while True:
        said, count = feeding.fold(parsed)
        if count:
            return [one.draft for one in said]


def regenerate(
    recording: Recording,
    services: Sequence[Service],
    progress: Callable[[int], None] = lambda _: None,
    again: bool = True,
) -> Regenerated:
    """The recording as the present services answer its inputs. With `again`, handlers that had failed are called again;
    else their messages are quarantined as in the recording.
    """
    deployment = deployment_of(recording, services, again)
    left_out: list[Stored] = []
    at = {stored.seq: id for id, stored in recording.by_id.items()}
    with sandbox(*services):
        for stored in recording.messages:
            writer, id = stored.subject.split(".", 3)[2], id_of(stored)
            cause = body_of(stored).get("causationid")
            if writer in deployment.folds:
                deployment.put_answers(writer, id)
            elif cause in deployment.recorded and cause not in deployment.places:
                left_out.append(stored)
            else:
                deployment.put(stored.subject, writer, _input(stored, at, deployment.places), id)
                deployment.put_new()
            progress(1)
    made = Recording(recording.tenant, tuple(deployment.log), {}, recording.open)
    return Regenerated(made, tuple(left_out))


def deployment_of(recording: Recording, services: Sequence[Service], again: bool = True) -> Deployment:
    """The services before the first message of the recording. They quarantine what had killed their process there; without
    `again`, all that was quarantined there.
    """
    folds: dict[str, tuple[Feeding, frozenset[str]]] = {}
    for service in services:
        database = scratch_engine()
        prepare(database, service)
        feeding = Feeding(service, recording, database)
        # What a handler or a contract refused may be right now; what killed a process cannot be tried here.
        feeding.folding.forced = {
            id: code for id, code in feeding.folding.forced.items() if not again or code not in TRIED_AGAIN
        }
        folds[service.name] = feeding, frozenset(feeding.folding.types)
    waiting: dict[str, deque[Draft]] = {service.name: deque() for service in services}
    return Deployment(folds, waiting, frozenset(recording.by_id))


def _input(stored: Stored, at: dict[int, str], places: dict[str, int]) -> bytes:
    """The bytes of an input; an order names its message by the sequence that this one has now."""
    data = data_of(stored)
    if type_in(stored.subject) not in ORDERS or "stream_seq" not in data:
        return stored.data
    old = data["stream_seq"]
    return canonical({**body_of(stored), "data": {**data, "stream_seq": places.get(at.get(old, ""), old)}})
