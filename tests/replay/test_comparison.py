"""What a replay says where services answer otherwise than the recording: which message it names, and in which words."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.folds import FOLDS
from microgov.services.chassis.fold.fold import types_of
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.replay import replay as replaying
from microgov.services.chassis.replay.difference import Change
from microgov.services.chassis.replay.feeding import to_fold
from microgov.services.chassis.replay.options import Options, Part
from microgov.services.chassis.replay.replay import Database
from microgov.services.chassis.replay.report import Report
from microgov.services.chassis.service import Handler, Service, several
from microgov.services.chassis.store.engine import engine
from microgov.testing.wording import shown_change, shown_difference

PATCH = Path(__file__).parents[1] / "logs" / "vegetable-patch.ndjson"
NOTIFY = next(service for service in FOLDS if service.name == "notify")
ISSUES = next(service for service in FOLDS if service.name == "issues")
MEMORY = Database("memory", lambda service: engine("sqlite://"), batch=1)
Changing = Callable[[list[Said]], list[Said]]


def answering(service: Service, message: type[Any], change: Changing) -> Service:
    """The service with another answer to one type of message."""
    whole = service.handlers[message]

    def changed(m: Any, s: Any) -> list[Said]:
        return change(list(several(whole(m, s))))

    return replace(service, handlers={**service.handlers, message: changed})


def refusing(handler: Handler, code: str | None = None) -> Handler:
    """The handler with other words in each of its refusals, or with another code."""

    def other(m: Any, s: Any) -> Iterator[Said]:
        try:
            yield from several(handler(m, s))
        except Refused as refused:
            raise Refused(code or refused.code, "别的话", "other words", refused.field) from refused

    return other


def report(*changed: Service, every: bool = False, words: bool = False) -> Report:
    """The outcome of a replay in which these services take the place of those of the same name."""
    names = {one.name: one for one in changed}
    services = [names.get(service.name, service) for service in FOLDS]
    return replaying.replay(recordings.read(PATCH), services, [MEMORY], Options(every, words))


def none(said: list[Said]) -> list[Said]:
    return []


def twice(said: list[Said]) -> list[Said]:
    return [*said, *said]


def backwards(said: list[Said]) -> list[Said]:
    return said[::-1]


def test_unchanged_services_differ_in_nothing_and_all_answers_are_counted() -> None:
    found = report()

    assert found.differences == []
    assert found.other_state == {}
    recorded = recordings.read(PATCH)
    assert found.answers == {service.name: len(recorded.by(service.name)) for service in FOLDS}


@pytest.mark.parametrize(("change", "kind"), [(none, "missing"), (twice, "extra")])
def test_a_message_with_fewer_or_more_answers_is_named_and_not_the_next_one(
    change: Changing, kind: str
) -> None:
    found = report(answering(ISSUES, issues.CosignIssue, change)).differences

    ((difference, on),) = found
    assert (difference.kind, difference.cause, on) == (kind, "issues.cosign_issue.v1", ["memory"])
    there = difference.recorded if kind == "missing" else difference.said
    assert [one["type"] for one in there] == ["issues.issue_cosigned.v1"]


def test_answers_in_another_order_are_named() -> None:
    ((difference, _),) = report(answering(ISSUES, issues.AdoptResolution, backwards)).differences

    assert (difference.kind, difference.cause) == ("order", "issues.adopt_resolution.v1")


def test_the_first_difference_in_the_log_is_named_over_all_services() -> None:
    """Notify stands after issues in the list of services, but answers an earlier message otherwise."""
    late = answering(ISSUES, issues.CloseIssue, none)
    early = answering(NOTIFY, issues.IssueAccepted, none)

    ((first, _),) = report(late, early).differences
    every = report(late, early, every=True).differences

    assert (first.service, first.cause) == ("notify", "issues.issue_accepted.v1")
    assert [one.seq for one, _ in every] == sorted(one.seq for one, _ in every)
    assert {one.service for one, _ in every} == {"issues", "notify"}


def test_after_the_first_difference_nothing_more_is_replayed() -> None:
    counted: dict[str, int] = {}

    def count(database: str, service: str, many: int) -> None:
        counted[service] = counted.get(service, 0) + many

    early = answering(ISSUES, issues.AcceptIssue, none)
    services = [early if one is ISSUES else one for one in FOLDS]
    replaying.replay(recordings.read(PATCH), services, [MEMORY], progress=count)
    stopped, counted = counted, {}
    replaying.replay(recordings.read(PATCH), services, [MEMORY], Options(every=True), count)

    assert all(stopped[name] < counted[name] for name in ("issues", "matching", "notify"))


def refused_otherwise(code: str | None = None) -> Service:
    handlers = {m: refusing(handler, code) for m, handler in ISSUES.handlers.items()}
    return replace(ISSUES, handlers=handlers)


def test_a_refusal_in_other_words_is_the_same_decision_and_is_counted() -> None:
    found = report(refused_otherwise())

    assert found.differences == []
    assert found.other_state == {}
    assert found.other_words["issues"] > 0
    ((difference, _),) = report(refused_otherwise(), words=True).differences
    assert {one.path for one in difference.changes} == {"data.message.en", "data.message.zh"}


def test_a_refusal_with_another_code_is_another_decision() -> None:
    ((difference, _),) = report(refused_otherwise("another_rule")).differences

    assert "data.code" in {one.path for one in difference.changes}


def test_the_words_of_a_difference() -> None:
    def other(said: list[Said]) -> list[Said]:
        return [one._replace(event=one.event.model_copy(update={"people": 99})) for one in said]

    ((difference, on),) = report(answering(ISSUES, issues.CosignIssue, other)).differences

    english = shown_difference(difference, on, "en").splitlines()
    assert english[0] == (
        f"issues {difference.seq} issues.cosign_issue.v1: issues.issue_cosigned.v1 differs in data.people"
    )
    assert english[1] == "  data.people: 1 → 99"
    assert english[2].startswith("  handler: tests/replay/test_comparison.py:")
    assert english[-2] == "  on: memory"
    assert english[-1].startswith("  If the present answer is wrong")
    both = shown_difference(difference, on).splitlines()
    assert "的内容不同" in both[0]
    assert "differs in data.people" in both[0]


def test_of_long_texts_the_part_that_differs_is_shown() -> None:
    before, now = "很长的一段话。" * 20 + "甲" + "结束。" * 20, "很长的一段话。" * 20 + "乙丙" + "结束。" * 20

    shown = shown_change(Change("data.text", before, now))

    assert "[甲]" in shown
    assert "[乙丙]" in shown
    assert len(shown) < 150
    assert shown_change(Change("data.text", "甲", None)) == '"甲" → –'


def test_a_message_that_came_in_the_recording_alone_ends_an_open_recording() -> None:
    """An open recording may end before the last answers were recorded."""
    whole = recordings.read(PATCH)
    last = max(n for n, m in enumerate(whole.messages) if m.subject.endswith(".issues.issue_closed.v1"))
    cut = replace(whole, messages=whole.messages[:last], open=True)

    assert replaying.replay(cut, FOLDS, [MEMORY]).differences == []
    assert replaying.replay(replace(cut, open=False), FOLDS, [MEMORY]).differences != []


def test_an_open_recording_may_end_anywhere() -> None:
    """Also between the answers to one message, or before the answers to several."""
    whole = recordings.read(PATCH)

    for end in range(60, len(whole.messages), 7):
        cut = replace(whole, messages=whole.messages[:end], states={}, digests={}, open=True)
        assert replaying.replay(cut, FOLDS, [MEMORY]).differences == [], end


def test_a_part_of_a_long_recording_is_folded_one_at_a_time() -> None:
    """The seed draws the part; what is before and after it is one transaction each, and a shorter recording has no part."""
    recording, part = recordings.read(PATCH), Part(20, 3)
    many, alone = len(recording.messages), part.drawn(recording, ISSUES)
    drawn = [Part(20, seed).drawn(recording, ISSUES) for seed in range(30)]

    assert len({*drawn}) > 10
    assert all(len(one) == 20 and 1 <= one[0] <= one[-1] <= many for one in drawn)
    assert drawn[3] == alone
    assert not Part(many, 3).drawn(recording, ISSUES)

    counts: list[int] = []
    report = replaying.replay(
        recording,
        [ISSUES],
        [MEMORY],
        Options(part=part),
        lambda database, service, count: counts.append(count),
    )
    read = [m.seq for m in recording.messages if m.subject.split(".", 3)[3] in types_of(ISSUES)]
    within = sum(seq in alone for seq in read)
    before, after = sum(seq < alone[0] for seq in read), sum(seq > alone[-1] for seq in read)
    assert counts == [before, *[1] * within, after]
    assert report.same
    assert sum(counts) == to_fold(ISSUES, recording)
