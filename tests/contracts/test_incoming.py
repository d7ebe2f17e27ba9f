"""What the door parses: every message that publishers may send, and hostile input, which is refused with the field named."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from microgov.contracts.fields import NEVER_HELD
from microgov.contracts.generated.example import example
from microgov.contracts.message import REGISTRY, Message, canonical, incoming_of
from microgov.contracts.registry import every_message
from microgov.contracts.validation.incoming import check, incoming
from microgov.contracts.validation.invalid_message import InvalidMessage

SENDABLE = tuple(cls for cls in every_message() if cls.ROLES and cls.KIND != "question")


def type_name(cls: type[Message]) -> str:
    """The type of the message, as the id of a test."""
    return cls.TYPE


def sent(cls: type[Message]) -> dict[str, Any]:
    """An example of the message as a publisher sends it."""
    return {
        "specversion": "1.0",
        "id": "a-1",
        "source": "/portal",
        "type": cls.TYPE,
        "subject": "veg-1",
        "data": example(cls),
    }


def refused(value: dict[str, Any] | bytes) -> InvalidMessage:
    """The error with which the parser refuses the message; it is worded in both languages."""
    raw = value if isinstance(value, bytes) else canonical(value)
    with pytest.raises(InvalidMessage) as caught:
        check(raw)
    assert caught.value.words.zh
    assert caught.value.words.en
    return caught.value


@pytest.mark.parametrize("cls", SENDABLE, ids=type_name)
def test_a_message_of_a_publisher_is_parsed_and_written_again(cls: type[Message]) -> None:
    got = check(canonical(sent(cls)))

    again = incoming(got.data, id=got.id, source=got.source, subject=got.subject)

    assert type(got.data) is cls
    assert check(again) == got


@pytest.mark.parametrize("cls", SENDABLE, ids=type_name)
def test_an_unknown_field_is_refused_by_name(cls: type[Message]) -> None:
    value = sent(cls)
    value["data"]["surprise"] = 1

    assert (refused(value).code, refused(value).field) == ("unknown_field", "data.surprise")


@pytest.mark.parametrize("field", sorted(NEVER_HELD))
def test_a_field_that_may_never_be_stored_is_refused_for_that(field: str) -> None:
    value = sent(REGISTRY["issues.submit_issue.v1"])
    value["data"][field] = "x"

    assert (refused(value).code, refused(value).field) == ("never_held", f"data.{field}")


@pytest.mark.parametrize("cls", SENDABLE, ids=type_name)
def test_a_missing_field_is_refused_by_name(cls: type[Message]) -> None:
    for key in (key for key, field in cls.model_fields.items() if field.is_required()):
        value = sent(cls)
        del value["data"][key]
        told = refused(value)
        assert (told.code, told.field) == ("field_missing", f"data.{key}")


@pytest.mark.parametrize("cls", SENDABLE, ids=type_name)
def test_a_control_character_in_any_text_is_refused(cls: type[Message]) -> None:
    value = sent(cls)
    for path, bad in product(
        texts(value["data"], "data"), ("\u0000", "\u202e", "\u2066", "\u001b", "\u0085", "\ud800")
    ):
        told = refused(json.dumps(with_text(value, path, f"x{bad}y")).encode())
        assert (told.code, told.field) == ("forbidden_character", path), ascii(bad)


def texts(value: Any, path: str) -> Iterator[str]:
    """The paths of all strings in the value."""
    if isinstance(value, str):
        yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from texts(inner, f"{path}.{key}")


def with_text(value: Any, path: str, text: str) -> Any:
    """A copy of the value with the text at this path."""
    copy = json.loads(json.dumps(value))
    *steps, last = path.split(".")
    place = copy
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(last) if isinstance(place, list) else last] = text
    return copy


REGISTER = next(cls for cls in SENDABLE if cls.TYPE == "directory.register_person.v1")


GRANT = next(cls for cls in SENDABLE if cls.TYPE == "directory.grant_role.v1")


RULES = next(cls for cls in SENDABLE if cls.TYPE == "directory.change_rules.v1")


HEAD = b'{"specversion":"1.0","id":"a-1","source":"/p","type":"directory.register_person.v1","subject":"p-1",'


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (
            HEAD + b'"data":{"household":"h-1","household":"h-2","place":"x"}}',
            "duplicate_field",
            "data.household",
        ),
        (HEAD + b'"id":"a-2","data":{"household":"h-1","place":"x"}}', "duplicate_field", "id"),
        (HEAD + b'"data":{"household":1.5,"place":"x"}}', "not_an_integer", "data.household"),
        (HEAD + b'"data":{"household":NaN,"place":"x"}}', "not_an_integer", "data.household"),
        (HEAD + b'"data":{"household":-Infinity,"place":"x"}}', "not_an_integer", "data.household"),
        (HEAD + b'"data":{"household":1e400,"place":"x"}}', "not_an_integer", "data.household"),
        (HEAD + b'"data":{"household":' + b"9" * 5000 + b',"place":"x"}}', "out_of_range", "data.household"),
        (HEAD + b'"data":{"household":9007199254740992,"place":"x"}}', "out_of_range", "data.household"),
        (HEAD + b'"data":{"household":5,"place":"x"}}', "wrong_type", "data.household"),
        (HEAD + b'"data":{"household":"H 1","place":"x"}}', "bad_format", "data.household"),
        (HEAD + b'"data":{"household":"' + b"h" * 70 + b'","place":"x"}}', "too_long", "data.household"),
        (HEAD + b'"data":{"household":"h-1","place":"x","language":"fr"}}', "unknown_value", "data.language"),
        (
            HEAD + b'"time":"2026-03-02T08:00:00","data":{"household":"h","place":"x"}}',
            "time_zone_missing",
            "time",
        ),
        (HEAD + b'"time":"soon","data":{"household":"h","place":"x"}}', "bad_time", "time"),
        (HEAD + b'"time":1772438400,"data":{"household":"h","place":"x"}}', "bad_time", "time"),
        (
            HEAD + b'"time":"0001-01-01T00:00:00+14:00","data":{"household":"h","place":"x"}}',
            "bad_value",
            "time",
        ),
        (
            HEAD + b'"recordedtime":"2026-03-02T08:00:00Z","data":{"household":"h","place":"x"}}',
            "unknown_field",
            "recordedtime",
        ),
        (HEAD + b'"role":"king","data":{"household":"h","place":"x"}}', "unknown_value", "role"),
        (
            HEAD + b'"data":{"household":"h","place":"x","a\\u202eb":1}}',
            "forbidden_character",
            "data.a\\u202eb",
        ),
        (HEAD + b'"data":' + b"[" * 30 + b"]" * 30 + b"}", "too_deep", "data" + ".0" * 16),
        (b"[" * 60000, "too_deep", "message"),
        (b"{", "not_json", "message"),
        (b"", "not_json", "message"),
        (b'{"a":1}x', "not_json", "message"),
        (b"\xef\xbb\xbf{}", "not_json", "message"),
        (b"[]", "wrong_type", "message"),
        (b"1.5", "not_an_integer", "message"),
        (b"null", "wrong_type", "message"),
        (b'"\\u0000"', "forbidden_character", "message"),
        (b'{"type":"\xff"}', "not_utf8", "message"),
        (b" " * 70000, "too_large", "message"),
        (b"{}", "field_missing", "type"),
        (b'{"type":"directory.nothing.v1"}', "unknown_type", "type"),
        (b'{"type":["a"]}', "unknown_type", "type"),
        (b'{"type":"log.ask_progress.v1"}', "unknown_type", "type"),
        (b'{"type":"directory.person_registered.v1"}', "not_yours_to_send", "type"),
    ],
    ids=range(36),
)
def test_hostile_input_is_refused_with_the_field_named(raw: bytes, code: str, field: str) -> None:
    assert (refused(raw).code, refused(raw).field) == (code, field)


def test_a_naive_time_inside_the_data_is_refused() -> None:
    value = sent(GRANT)
    value["data"]["until"] = "2026-03-02T08:00:00"

    assert (refused(value).code, refused(value).field) == ("time_zone_missing", "data.until")


def test_the_tag_of_a_union_is_not_part_of_the_path() -> None:
    value = sent(RULES)
    value["data"]["content"] = {"section": "deliberation", "quorum": 0}

    assert (refused(value).code, refused(value).field) == ("out_of_range", "data.content.quorum")
    value["data"]["content"] = {"section": "nonsense"}
    assert (refused(value).code, refused(value).field) == ("unknown_value", "data.content")


def test_a_refusal_says_the_rule_and_what_to_do() -> None:
    value = sent(REGISTER)
    value["data"]["household"] = "h" * 70

    words = refused(value).words

    assert words.en == "data.household may have 64 characters. Shorten it."
    assert words.zh == "data.household 最多 64 个字符。请缩短。"


def test_every_sendable_message_has_an_incoming_schema() -> None:
    assert len({incoming_of(cls).__name__ for cls in SENDABLE}) == len(SENDABLE)
