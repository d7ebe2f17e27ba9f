"""Properties of every message class; a new class is covered without a new test."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from microgov.contracts.generated.example import example, whole_example
from microgov.contracts.generated.schema import schema
from microgov.contracts.message import Message, canonical, envelope_of, parse, plain
from microgov.contracts.registry import every_message
from microgov.contracts.versions import newest

EVERY = every_message()
STORED = tuple(cls for cls in EVERY if cls.KIND != "question")


def type_name(cls: type[Message]) -> str:
    """The type of the message, as the id of a test."""
    return cls.TYPE


@pytest.mark.parametrize("cls", STORED, ids=type_name)
def test_an_envelope_survives_being_written_and_read(cls: type[Message]) -> None:
    envelope = envelope_of(cls).model_validate_json(canonical(whole_example(envelope_of(cls), cls)))

    raw = canonical(plain(envelope))

    read = parse(f"log.donghu.gateway.{cls.TYPE}", raw)
    assert read == newest(envelope)
    assert cls.NEWER is not None or canonical(plain(read)) == raw


@pytest.mark.parametrize("cls", EVERY, ids=type_name)
def test_the_example_fits_the_generated_schema(cls: type[Message]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(cls))
    jsonschema.validate(example(cls), schema(cls), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("cls", EVERY, ids=type_name)
def test_every_value_has_a_bound(cls: type[Message]) -> None:
    assert list(unbounded(schema(cls), cls.TYPE)) == []


def unbounded(node: Any, path: str) -> Iterator[str]:
    """The parts of a JSON schema in which a value may be of any size."""
    if isinstance(node, list):
        for inner in node:
            yield from unbounded(inner, path)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    closed = "enum" in node or "const" in node or node.get("format") == "date-time"
    if kind == "string" and not closed and "maxLength" not in node:
        yield f"{path}: a text of any length"
    if kind == "array" and "maxItems" not in node:
        yield f"{path}: a list of any length"
    if kind == "integer" and not ("const" in node or {"minimum", "maximum"} <= node.keys()):
        yield f"{path}: a number of any size"
    if kind == "number":
        yield f"{path}: a number with a fraction"
    if kind == "object" and node.get("additionalProperties") is not None and "maxProperties" not in node:
        yield f"{path}: a mapping of any size"
    for key, inner in node.items():
        if key not in ("examples", "default"):
            yield from unbounded(inner, f"{path}.{key}")


def test_free_text_is_marked_in_the_schemas() -> None:
    marked = [cls.TYPE for cls in EVERY if "x-free-text" in json.dumps(schema(cls))]

    assert "issues.submit_issue.v1" in marked
