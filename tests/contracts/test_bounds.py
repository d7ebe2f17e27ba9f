"""Bounds that only the gateway's door checks: every field that has one, in every message."""

from collections.abc import Iterator
from typing import Any

import pytest

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.generated.example import example
from microgov.contracts.generated.schema import schema, with_bounds
from microgov.contracts.message import REGISTRY, Message, canonical, incoming_of
from microgov.contracts.registry import every_message
from microgov.contracts.validation.incoming import check, check_question
from microgov.contracts.validation.invalid_message import InvalidMessage
from tests.extremes import values

SENDABLE = tuple(cls for cls in every_message() if cls.ROLES)
INVALID_TIMES = [
    ("1767225600", "bad_time"),
    ("-1", "bad_time"),
    ("99999999999999", "bad_time"),
    ("2026-01-01_00:00:00Z", "bad_time"),
    ("2026-01-01 00:00:00Z", "bad_time"),
    ("2026-01-01T00:00Z", "bad_time"),
    ("2026-01-01T00:00:00+0800", "bad_time"),
    ("2026-01-01", "bad_time"),
    ("2026-01-01T00:00:00", "time_zone_missing"),
    ("1899-12-31T23:59:59Z", "out_of_range"),
    ("2200-01-01T00:00:00Z", "out_of_range"),
    ("9999-12-31T23:59:59Z", "out_of_range"),
    ("2200-01-01T00:00:00+14:00", "out_of_range"),
]


def type_name(cls: type[Message]) -> str:
    """The type of the message, as the id of a test."""
    return cls.TYPE


def sent(cls: type[Message], data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A message as a publisher sends it."""
    return {
        "specversion": "1.0",
        "id": "a-1",
        "source": "/portal",
        "type": cls.TYPE,
        "subject": "veg-1",
        "data": data,
        **more,
    }


def refused(value: dict[str, Any]) -> InvalidMessage:
    """The error with which the door's parser refuses the message."""
    read = check_question if REGISTRY[value["type"]].KIND == "question" else check
    with pytest.raises(InvalidMessage) as caught:
        read(canonical(value))
    return caught.value


def bounded(cls: type[Message]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The paths and schemas of fields with a stricter bound at the door than in the log."""
    before = dict(values.leaves(with_bounds(cls.model_json_schema(), False), example(cls)))
    yield from (
        (path, node)
        for path, node in values.leaves(schema(cls), example(cls))
        if node != before[path] and node.get("type") != "array"
    )


def beyond(node: dict[str, Any]) -> list[tuple[Any, str]]:
    """Values beyond the bound of this field, with the error code for each."""
    if node.get("format") == "date-time":
        return [*INVALID_TIMES]
    return [(node["maximum"] + 1, "out_of_range")]


@pytest.mark.parametrize("cls", SENDABLE, ids=type_name)
def test_a_value_beyond_a_bound_of_the_door_is_refused_with_its_field(cls: type[Message]) -> None:
    for path, node in bounded(cls):
        for value, code in beyond(node):
            told = refused(
                sent(cls, values.changed(schema(cls), example(cls), values.ValueAt(path, value), full=True))
            )
            assert (told.code, told.field) == (code, f"data.{path}".replace("[]", ".0")), value
            assert told.field in told.words.zh
            assert told.field in told.words.en


def test_fields_in_messages_lists_and_unions_have_bounds() -> None:
    found = {f"{cls.NAME} {path}" for cls in SENDABLE for path, _ in bounded(cls)}

    assert {
        "grant_role until",
        "submit_offer slots[].starts",
        "define_action_item item.due",
        "adopt_resolution items[].due",
        "set_clock to",
        "show_rates from_",
        "report_done minutes",
    } <= found


@pytest.mark.parametrize(("time", "code"), INVALID_TIMES)
def test_the_time_of_the_envelope_has_the_same_bounds(time: str, code: str) -> None:
    cls = REGISTRY["issues.accept_issue.v1"]

    told = refused(sent(cls, {}, time=time))

    assert (told.code, told.field) == (code, "time")


@pytest.mark.parametrize(
    "time",
    [
        "1900-01-01T00:00:00Z",
        "1900-01-01T00:00:00+14:00",
        "2199-12-31T23:59:59.999999Z",
        "2199-12-31T23:59:59-12:00",
        "2026-03-02t08:00:00z",
        "2026-03-02T08:00:00.123456789+08:00",
    ],
)
def test_times_by_rfc_3339_are_accepted(time: str) -> None:
    check(canonical(sent(REGISTRY["issues.accept_issue.v1"], {}, time=time)))


@pytest.mark.parametrize("cls", SENDABLE, ids=type_name)
def test_values_beyond_the_bounds_of_the_door_are_still_parsed_by_the_class(cls: type[Message]) -> None:
    """An older door accepted such values, and the class with which the door validates is used for the log as well."""
    for path, node in bounded(cls):
        value = "9999-12-31T23:59:59Z" if node.get("format") == "date-time" else node["maximum"] + 1
        data = values.changed(schema(cls), example(cls), values.ValueAt(path, value), full=True)
        incoming_of(cls).model_validate_json(canonical(sent(cls, data)))


@pytest.mark.parametrize("cls", every_message(), ids=type_name)
def test_only_schemas_of_messages_for_publishers_show_the_bounds(cls: type[Message]) -> None:
    text = str(schema(cls))

    assert SCHEMA_KEY not in text
    if not cls.ROLES:
        assert "2[01]" not in text
