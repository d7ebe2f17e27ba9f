"""Words for codes: every code that people read has one in both languages, and no word is unused."""

import string
import types
import typing
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

import pytest
import yaml

from microgov.contracts.log import SetClock
from microgov.contracts.registry import every_message
from microgov.contracts.terms import TERMS, display_value
from microgov.folds import FOLDS
from microgov.services.issues.issue import life
from microgov.services.matching.registry import organisations as registry
from microgov.services.notify.audience.audience import NOTICES
from microgov.services.notify.notices.templates import render
from microgov.text import sentences

SENTENCES: dict[str, list[str]] = yaml.safe_load(
    Path(sentences.__file__).with_suffix(".yaml").read_text("utf-8")
)
CARRIED = {
    message.NAME: {name for kind in kinds for name in kind.carries} for message, kinds in NOTICES.items()
}
"""The fields of each event that its notices show, by the name of the event."""


def codes(annotation: object) -> set[str]:
    """The values of an enumeration, wherever it stands in the annotation."""
    if typing.get_origin(annotation) is typing.Literal:
        return {str(value) for value in typing.get_args(annotation)}
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {str(value.value) for value in annotation}
    if typing.get_origin(annotation) in (typing.Annotated, typing.Union, types.UnionType):
        return set().union(*(codes(part) for part in typing.get_args(annotation)))
    return set()


def displayed_codes() -> set[tuple[str, str]]:
    """Field and value of each enumeration that a sentence or a notice shows."""
    found = set()
    for message in every_message():
        parts = (string.Formatter().parse(text) for text in SENTENCES.get(message.NAME, []))
        named = {name for sentence in parts for _, name, _, _ in sentence if name} | CARRIED.get(
            message.NAME, set()
        )
        for field, of in message.model_fields.items():
            found |= {(field, value) for value in codes(of.annotation) if field in named}
    return found


def test_every_code_that_people_read_has_words() -> None:
    assert {
        (field, value) for field, value in displayed_codes() if value not in TERMS.get(field, {})
    } == set()


def test_every_word_is_used() -> None:
    open_enumeration = {"form", "kind", "state"}
    there = {
        (field, value) for field, values in TERMS.items() if field not in open_enumeration for value in values
    }
    assert there - displayed_codes() == set()


def test_states_have_the_names_of_their_state_machines() -> None:
    assert TERMS["stage"] == registry.LIFE.states
    assert TERMS["state"] == life.STATES


def test_every_deadline_has_words() -> None:
    assert {kind for fold in FOLDS for kind in fold.deadlines} <= set(TERMS["kind"])


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("resolved", "已解决", "resolved"),
        ("something_of_tomorrow", "something_of_tomorrow", "something_of_tomorrow"),
        ("2026-03-31T20:30:59.000001Z", "2026-04-01 04:30", "2026-04-01 04:30"),
        ("2026-03-32T20:30:59.000001Z", "2026-03-32T20:30:59.000001Z", "2026-03-32T20:30:59.000001Z"),
        (True, "是", "yes"),
        (3, 3, 3),
    ],
)
def test_a_value_is_shown_as_people_read_it(value: object, zh: object, en: object) -> None:
    assert [display_value("outcome", value, language, timedelta(hours=8)) for language in (0, 1)] == [zh, en]


@pytest.mark.parametrize(
    ("value", "minutes", "read"),
    [
        ("9999-12-31T23:59:59.999999Z", 480, "9999-12-31 23:59"),
        ("0001-01-01T00:00:00Z", -480, "0001-01-01 00:00"),
        ("9999-12-31T23:59:59Z", -480, "9999-12-31 15:59"),
        ("0001-01-01T00:00:00Z", 480, "0001-01-01 08:00"),
    ],
)
def test_a_time_at_either_end_of_the_calendar_is_shown(value: str, minutes: int, read: str) -> None:
    assert [display_value("until", value, language, timedelta(minutes=minutes)) for language in (0, 1)] == [
        read,
        read,
    ]


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("minutes", [-840, 0, 480, 840])
def test_every_way_to_show_a_time_shows_the_ends_of_the_calendar(text: str, minutes: int) -> None:
    sentences.use_local_time(timedelta(minutes=minutes))
    try:
        said = sentences.sentence_of_data(SetClock(to=datetime.fromisoformat(text)), None)
        told = [sentences.hour_of(text), sentences.as_text(text), *said]
        notice = render("ballot_opened", "en", {"title": "x", "closes_at": text}, timedelta(minutes=minutes))
    finally:
        sentences.use_local_time(timedelta(0))
    assert all(text[:4] in one for one in (*told, notice.body))
