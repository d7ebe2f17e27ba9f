"""Compares the answers of a replayed fold with the recorded ones.

Answers are compared as groups: all answers to one message, their *cause*. An answer's id follows from its cause, its type
and its subject, so that the answers of a group can be paired exactly, and an answer too many or too few changes no other
group.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Any

from microgov.contracts.message import parse
from microgov.services.chassis.log import Stored, body_of, id_of
from microgov.services.chassis.messages.stamp import canonical_bytes
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.checkpoints import OtherState
from microgov.services.chassis.replay.difference import (
    Change,
    Difference,
    Kind,
    bodies,
    chain_of,
    changes,
    failure,
    handler_place,
    only_words_differ,
)
from microgov.services.chassis.replay.feeding import Interrupted, ReplayedAnswer
from microgov.services.chassis.service import Service


class Comparison:
    """Compares the answers of one fold, in order. With `words`, refusals in other words are differences, too.

    `at`: how many recorded answers have been compared. `other_words`: how many of them are refusals that differ in their
    words alone.
    """

    def __init__(self, service: Service, recording: Recording, words: bool = False) -> None:
        self.service, self.recording, self.words = service, recording, words
        self.at = self.other_words = 0
        self._recorded = iter(recording.by(service.name))
        self._ahead: list[Stored] = []

    def differences(
        self, answers: Iterable[ReplayedAnswer], upto: Callable[[], int | None] = lambda: None
    ) -> Iterator[Difference]:
        """The differences, in the order in which the messages were handled. `upto` is asked at the end: up to which sequence
        messages were folded (None: up to the last one).
        """
        try:
            for _, group in groupby(answers, key=lambda one: one.cause.seq):
                said = [*group]
                if self._same(said):
                    self._take(len(said))
                else:
                    yield from self._unequal(said)
        except Interrupted as end:
            yield self._difference("interrupted", end.stored, (), ())
            return
        last = upto()
        yield from self._missing(None if last is None else last + 1)

    def _same(self, said: Sequence[ReplayedAnswer]) -> bool:
        """Whether these answers are the next recorded ones, byte for byte; each gets the number of the recorded one."""
        theirs = self._next(len(said))
        return len(theirs) == len(said) and all(
            one.draft.numbered(self.at + n).data == their.data
            for n, (one, their) in enumerate(zip(said, theirs, strict=True), 1)
        )

    def _next(self, count: int) -> list[Stored]:
        """The next recorded answers, which stay the next ones; at the end of the recording there are fewer."""
        self._reaches(count)
        return self._ahead[:count]

    def _reaches(self, count: int) -> bool:
        """Whether so many recorded answers follow; reads them."""
        self._ahead += islice(self._recorded, max(0, count - len(self._ahead)))
        return len(self._ahead) >= count

    def _take(self, count: int) -> None:
        """Goes on behind the next recorded answers."""
        del self._ahead[:count]
        self.at += count

    def _unequal(self, said: Sequence[ReplayedAnswer]) -> Iterator[Difference]:
        cause = said[0].cause
        yield from self._missing(cause.seq)
        theirs = self._next_group()
        if not theirs or self._cause(theirs[0]).seq != cause.seq:
            theirs = []
            if self.recording.open and not self._reaches(1):
                return  # an open recording ends before its last messages had all their answers
        self._take(len(theirs))
        if self.recording.open and not self._reaches(1):
            said = said[: len(theirs)]  # it may also end between the answers to one message
        yield from self._compared(cause, theirs, said)

    def _missing(self, before: int | None) -> Iterator[Difference]:
        """The recorded answers to messages before the sequence `before` (None: to all that follow)."""
        while theirs := self._next_group():
            cause = self._cause(theirs[0])
            if before is not None and cause.seq >= before:
                return
            self._take(len(theirs))
            yield self._difference("missing", cause, theirs, ())

    def _next_group(self) -> list[Stored]:
        """The next recorded answers that have one cause; none at the end."""
        if not self._reaches(1):
            return []
        cause, count = self._cause(self._ahead[0]).seq, 1
        while self._reaches(count + 1) and self._cause(self._ahead[count]).seq == cause:
            count += 1
        return self._next(count)

    def _cause(self, answer: Stored) -> Stored:
        """The message that a recorded answer answers; the answer itself if the recording does not hold that message."""
        return self.recording.by_id.get(str(body_of(answer).get("causationid")), answer)

    def _compared(
        self, cause: Stored, theirs: Sequence[Stored], said: Sequence[ReplayedAnswer]
    ) -> Iterator[Difference]:
        before, now = {id_of(one): one for one in theirs}, {one.draft.id: one for one in said}
        lost, new = [id for id in before if id not in now], [id for id in now if id not in before]
        if lost or new:
            kind: Kind = "otherwise" if lost and new else "missing" if lost else "extra"
            found = self._difference(
                kind, cause, [before[id] for id in lost], [now[id].draft.data for id in new]
            )
            errors = [now[id].error for id in new]
            yield self._with_error(found, next((error for error in errors if error is not None), None))
            return
        pairs = [(_upgraded(before[id]), self._numbered(now[id], before[id])) for id in before]
        changed = [(one, data) for one, data in pairs if one.data != data and not self._only_words(one, data)]
        if changed:
            yield self._difference(
                "changed", cause, [one for one, _ in changed], [data for _, data in changed]
            )
        elif [*before] != [*now]:
            yield self._difference("order", cause, theirs, [one.draft.data for one in said])

    def _numbered(self, said: ReplayedAnswer, like: Stored) -> bytes:
        """The answer with the number of the recorded one."""
        return said.draft.numbered(int(body_of(like)["sequence"])).data

    def _only_words(self, recorded: Stored, said: bytes) -> bool:
        (now,) = bodies([said])
        only = not self.words and only_words_differ(body_of(recorded), now)
        self.other_words += only
        return only

    def _with_error(self, found: Difference, error: BaseException | None) -> Difference:
        return found if error is None else replace(found, error=failure(error, self.service))

    def _difference(
        self, kind: Kind, cause: Stored, recorded: Sequence[Stored], said: Sequence[bytes]
    ) -> Difference:
        before: tuple[Any, ...] = bodies([one.data for one in recorded])
        now = bodies(said)
        return Difference(
            kind,
            self.service.name,
            cause.seq,
            handler_place(self.service, cause),
            before,
            now,
            tuple(change for pair in zip(before, now, strict=True) for change in changes(*pair))
            if kind == "changed"
            else (),
            chain_of(self.recording, cause),
        )


def _upgraded(recorded: Stored) -> Stored:
    """The recorded answer as the present contract reads it: an optional field that is newer has its default."""
    try:
        data = canonical_bytes(parse(recorded.subject, recorded.data))
    except (KeyError, ValueError):
        return recorded
    return recorded._replace(data=data)


def state_difference(service: Service, recording: Recording, found: OtherState) -> Difference:
    """The difference of a state, at the message after which it was found."""
    cause = recording.at(found.seq)
    sums = tuple(Change(table, was, now) for table, (was, now) in found.tables.items())
    return Difference(
        "state",
        service.name,
        cause.seq,
        handler_place(service, cause),
        (),
        (),
        sums,
        chain_of(recording, cause),
        after=found.after,
        rows=found.rows,
    )
