"""Copies of events about other publishers' matters contain no text that people wrote, in any field."""

import json
from typing import Any

import pytest

from microgov.contracts.message import Message
from microgov.contracts.registry import every_message
from microgov.services.gateway.courier.free_text import free_text_mask, without_free_text

EVENTS = [message for message in every_message() if message.KIND == "event"]
WRITTEN = "写的话"


def example_data(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """Data with every field of the schema; fields that are marked as written by people have the text WRITTEN."""
    if "$ref" in schema:
        return example_data(known[schema["$ref"].rsplit("/", 1)[-1]], known)
    if schema.get("x-free-text"):
        return WRITTEN
    for choice in schema.get("anyOf", schema.get("oneOf", ())):
        if choice.get("type") != "null":
            return example_data(choice, known)
    if schema.get("type") == "array":
        return [example_data(schema["items"], known)]
    if "properties" in schema:
        return {name: example_data(inner, known) for name, inner in schema["properties"].items()}
    return 0


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_no_copy_contains_what_people_wrote(event: type[Message]) -> None:
    schema = event.model_json_schema()
    data = example_data(schema, schema.get("$defs", {}))

    copy = without_free_text(data, free_text_mask(event))

    assert WRITTEN not in json.dumps(copy, ensure_ascii=False)
    assert {name for name in data if WRITTEN not in json.dumps(data[name], ensure_ascii=False)} <= set(copy)


def test_nested_free_text_is_left_out_and_nothing_else() -> None:
    event = next(one for one in EVENTS if one.NAME == "round_table_held")
    schema = event.model_json_schema()
    data = example_data(schema, schema.get("$defs", {}))

    assert [set(one) for one in data["contributions"]] == [
        {*without_free_text(data, free_text_mask(event))["contributions"][0], "text"}
    ]
