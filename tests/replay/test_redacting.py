"""A redacted recording holds nothing that people wrote, and it replays."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts.issues import CosignIssue, CosignIssueV1, IssueAccepted
from microgov.contracts.message import type_in
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import fold_names, installed
from microgov.services.chassis.log import Stored, body_of
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.recording.verifying import verify
from microgov.services.chassis.regeneration import personal_fields
from microgov.services.chassis.regeneration.pseudonyms import Pseudonyms
from microgov.services.chassis.regeneration.redacting import Redacted, redacted
from microgov.services.chassis.regeneration.regenerate import Regenerated, regenerate
from microgov.testing.replay import Replay, urls_of
from microgov.testing.updating import with_states, write

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "logs"
LOGS = sorted(FOLDER.glob("*.ndjson"))
KEY = b"the key of the tests"
TOKENS = re.compile(rb"[A-Za-z0-9_-]+")
QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
POSITION = re.compile(rb'"(?:latitude|longitude)":(-?\d+)')
NO_TEXT = re.compile(r"[0-9.:TZ+-]+|[a-z_]+\.[a-z_]+\.v[0-9]+")
"""Times, dates, numbers, and types of messages."""


@pytest.fixture(autouse=True, scope="module")
def _all_types() -> None:
    every_message()


def logged(name: str) -> Recording:
    return recordings.read(FOLDER / f"{name}.ndjson")


def strings(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, with the name of its field."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from strings(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one, at)
    elif isinstance(value, str):
        yield at, value


@cache
def words_of_the_system() -> frozenset[str]:
    """Every text in the code of contracts and services, such as the words of an enum, and the writers of the services."""
    files = [file for name in ("contracts", "services") for file in (ROOT / name).rglob("*.py")]
    words = {word for file in files for word in QUOTED.findall(file.read_text("utf-8"))}
    return frozenset(words | {writer for one in installed() for writer in one.writers})


def personal(recording: Recording) -> set[str]:
    """What people wrote: all strings of the recording but times, numbers, types and words of the system."""
    found: set[str] = set()
    for stored in recording.messages:
        body = body_of(stored)
        by_service = body["writer"] in fold_names()
        for name, value in strings(body):
            # A service's sentence is made of its own words and of references; those are looked for by themselves.
            if not (by_service and name in ("zh", "en")) and len(value) >= 2:
                found.add(value)
    return {one for one in found if not NO_TEXT.fullmatch(one) and one not in words_of_the_system()}


def left_in(data: bytes, values: set[str]) -> set[str]:
    """Which of these values the file still holds: a reference as a word of its own, a text anywhere."""
    tokens = {token.decode() for token in TOKENS.findall(data)}
    plain = {one for one in values if TOKENS.fullmatch(one.encode())}
    return (plain & tokens) | {one for one in values - plain if one.encode() in data}


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_nothing_that_people_wrote_is_left_and_it_replays(path: Path, tmp_path: Path) -> None:
    recording = recordings.read(path)
    assert len(personal(recording)) > 100
    assert left_in(path.read_bytes(), personal(recording)) == personal(recording)

    made = redacted(recording, FOLDS, KEY)

    assert made.otherwise == ()
    file = tmp_path / "redacted.ndjson"
    write(file, with_states(Regenerated(made.recording, ()), FOLDS))
    assert left_in(file.read_bytes(), personal(recording)) == set()
    assert {*POSITION.findall(file.read_bytes())} <= {b"0"}
    again = recordings.read(file)
    assert [*verify(again)] == []
    replay = Replay(again, {"memory": urls_of("memory", Path())})
    replay.assert_same_messages()
    replay.assert_same_state()
    assert [type_in(m.subject) for m in again.messages] == [type_in(m.subject) for m in recording.messages]
    for name in ("time", "recordedtime"):
        assert [body_of(m)[name] for m in again.messages] == [body_of(m)[name] for m in recording.messages]


def made(recording: Recording, key: bytes = KEY) -> Redacted:
    return redacted(recording, FOLDS, key)


def bodies(recording: Recording) -> list[dict[str, Any]]:
    return [body_of(m) for m in recording.messages]


def test_references_keep_their_order() -> None:
    old, new = logged("fair"), made(logged("fair")).recording
    names = {
        (before["authid"], after["authid"]) for before, after in zip(bodies(old), bodies(new), strict=True)
    }

    assert len(names) > 20
    assert len({before for before, _ in names}) == len({after for _, after in names}) == len(names)
    gateway = {pair for pair in names if not pair[0].endswith("-edge")}
    assert [after for _, after in sorted(gateway)] == sorted(after for _, after in gateway)


def test_titles_and_names_keep_their_order_and_free_texts_are_all_the_same() -> None:
    old, new = logged("overhaul"), made(logged("overhaul")).recording
    pairs = [(a["data"], b["data"]) for a, b in zip(bodies(old), bodies(new), strict=True)]
    titles = {(a["title"], b["title"]) for a, b in pairs if "title" in a}

    assert [after for _, after in sorted(titles)] == sorted({after for _, after in titles})
    assert len(titles) > 1
    assert {b["text"] for a, b in pairs if "text" in a} == {"text"}


def test_the_same_key_gives_the_same_names_and_another_key_others() -> None:
    recording = logged("vegetable-patch")

    first, again, other = (made(recording, key).recording for key in (KEY, KEY, b"another"))

    assert [*first.messages] == [*again.messages]
    ids = [
        {body["id"] for body in bodies(one)} | {body["subject"] for body in bodies(one)}
        for one in (first, other)
    ]
    assert len(ids[0]) > 100
    assert ids[0] & ids[1] == {body["subject"] for body in bodies(recording) if "rules" in body["type"]}


def test_sealed_choices_are_replaced_by_bytes_of_the_same_length() -> None:
    old, new = logged("secret"), made(logged("secret")).recording
    boxes = [
        [value for body in bodies(one) for name, value in strings(body["data"]) if name in ("box", "public")]
        for one in (old, new)
    ]

    assert len(boxes[0]) > 4
    assert [len(box) for box in boxes[0]] == [len(box) for box in boxes[1]]
    assert not set(boxes[0]) & set(boxes[1])


def changed(recording: Recording, kind: str, before: bytes, after: bytes) -> Recording:
    """The recording with other bytes in the messages of this type."""
    messages = [
        Stored(m.seq, m.subject.replace(before.decode(), after.decode()), m.data.replace(before, after))
        if m.subject.endswith(kind)
        else m
        for m in recording.messages
    ]
    assert messages != [*recording.messages]
    return Recording(recording.tenant, tuple(messages), {})


def test_of_an_invalid_input_nothing_is_kept_but_its_envelope() -> None:
    old = logged("vegetable-patch")
    broken = changed(old, "issues.report_result.v1", b'"text":"', b'"other":"')

    new = made(broken).recording

    (report,) = [body for body in bodies(new) if body["type"] == "issues.report_result.v1"]
    assert report["data"] == "text"
    assert any(body["type"] == "log.message_quarantined.v1" for body in bodies(new))


def test_a_message_of_a_type_that_is_not_known_cannot_be_redacted() -> None:
    later = changed(
        logged("vegetable-patch"), "issues.cosign_issue.v1", b"cosign_issue.v1", b"cosign_issue.v9"
    )

    with pytest.raises(Problem, match=r"cosign_issue\.v9, which this release does not know"):
        made(later)


def test_what_another_service_has_quarantined_is_quarantined_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(m: object, s: object) -> None:
        raise ZeroDivisionError

    handlers: Any = next(service for service in FOLDS if service.name == "notify").handlers
    with monkeypatch.context() as patched:
        patched.setitem(handlers, IssueAccepted, fails)
        old = regenerate(logged("vegetable-patch"), FOLDS).recording
    assert old.contents.quarantines.keys() == {"notify"}

    new = made(old)

    assert new.otherwise == ()
    assert len(new.recording.contents.quarantines["notify"]) == len(old.contents.quarantines["notify"])


def test_an_input_of_an_older_version_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CosignIssueV1, "upgrade", lambda self: CosignIssue())

    new = made(logged("vegetable-patch"))

    assert new.otherwise == ()
    kind = CosignIssueV1.TYPE
    assert all("channel" in body["data"] for body in bodies(new.recording) if body["type"] == kind)


def test_the_deadlines_of_a_service_without_words_of_its_own_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service of another package has deadlines that `contracts/terms.py` does not name."""
    known = personal_fields.words_of_the_system() - {"ballot"}
    monkeypatch.setattr(personal_fields, "words_of_the_system", lambda: known)

    assert made(logged("vegetable-patch")).otherwise == ()


def test_a_placeholder_of_a_text_names_nobody() -> None:
    """People write numbers of flats, which are the ids of households, too."""
    names = Pseudonyms(KEY, ["301", "302"], ["301"], [])
    names.learn("301", "text")
    names.learn("302", names.name("301"))

    assert sorted(names.reference(one) for one in ("301", "302")) == [
        names.reference("301"),
        names.reference("302"),
    ]
    assert {names.reference("301"), names.reference("302")} & {"text", "name1"} == set()


def test_answers_that_are_others_now_are_named() -> None:
    wrong = changed(logged("vegetable-patch"), "issues.issue_cosigned.v1", b'"people":2', b'"people":7')

    assert [type_in(m.subject) for m in made(wrong).otherwise] == ["issues.issue_cosigned.v1"]
    assert [*made(wrong).recording.messages] == [*made(logged("vegetable-patch")).recording.messages]
