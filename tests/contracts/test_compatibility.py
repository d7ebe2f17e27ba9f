"""The compatibility gate: every change that the features of our schemas allow is found, and refused or allowed."""

from collections.abc import Iterator
from typing import Any

import pytest

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.compatibility.compare import DOOR, LOG, Difference, differences
from microgov.contracts.compatibility.keywords import TABLE
from microgov.contracts.compatibility.nodes import Schema, unknown_features
from tests.contracts.schema_changes import AT_BOTH, CASES, CHANNEL, RELEASED, VOTE, Case, edited

NOTES = ("title", "description", "examples", "$defs", "$ref")
ALLOWED = {(keyword, change) for keyword in NOTES for change in ("added", "removed", "changed")} | {
    ("$id", "added"),
    ("properties", "added"),
    ("properties", "removed"),
    (SCHEMA_KEY, "wider"),
}


def found_in(case: Case) -> list[Difference]:
    """The differences that the gate sees."""
    before, after = case.base[case.type], edited(case.base[case.type], case.edits)
    return differences(after, before, case.sent) if case.backwards else differences(before, after, case.sent)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.keyword} {case.change} {case.path}")
def test_a_change_is_found_with_its_field_and_refused_unless_it_is_one_of_the_few_allowed(case: Case) -> None:
    found = found_in(case)

    own = [one for one in found if one[:3] == (case.path, case.keyword, case.change)]
    assert len(own) == 1, found
    # without the field that chooses a member of the union, the members have no names
    refused = {(one.path, one.keyword) for one in found if one.advice is not None and one.keyword != "oneOf"}
    assert (own[0].advice is None) == ((case.keyword, case.change) in ALLOWED)
    assert refused == (
        set() if own[0].advice is None else {(case.path, case.keyword)} - {("choice", "oneOf")}
    )
    assert own[0].of == (DOOR if case.keyword == SCHEMA_KEY or case.change == "removed at the door" else LOG)


def keywords_in(node: Schema) -> Iterator[str]:
    """All keywords of a schema."""
    yield from node
    for key in ("properties", "$defs"):
        for inner in node.get(key, {}).values():
            yield from keywords_in(inner)
    for inner in (
        *([node["items"]] if "items" in node else []),
        *node.get("anyOf", []),
        *node.get("oneOf", []),
    ):
        yield from keywords_in(inner)


def test_the_table_holds_every_keyword_that_occurs_and_no_other() -> None:
    schemas = [*RELEASED.values(), *AT_BOTH.values()]

    assert {keyword for schema in schemas for keyword in keywords_in(schema)} == TABLE.keys()


def test_every_change_in_the_table_is_made_by_a_case() -> None:
    made = {(case.keyword, case.change) for case in CASES}

    assert made == {(keyword, change) for keyword, row in TABLE.items() for change in row.changes}


@pytest.mark.parametrize("keyword", TABLE)
def test_every_refusal_says_what_to_do_in_both_languages(keyword: str) -> None:
    for advice in TABLE[keyword].changes.values():
        if advice is not None:
            assert advice.zh.endswith("。")
            assert advice.en.endswith(".")


@pytest.mark.parametrize(
    ("keyword", "change", "words"),
    [
        ("maximum", "narrower", "AtTheDoor"),
        ("minimum", "narrower", "from a new behaviour on"),
        ("maximum", "wider", "new optional field"),
        ("enum", "narrower", "from a new behaviour on"),
        ("enum", "wider", "new optional field"),
        ("required", "added", "Make it optional, with a default"),
        ("required", "removed", "keep it required"),
        ("properties", "removed at the door", "Keep the field"),
        ("default", "changed", "docs/decisions/0018"),
        (SCHEMA_KEY, "narrower", "contracts/released/accepted.toml"),
    ],
)
def test_what_to_do_fits_the_change(keyword: str, change: str, words: str) -> None:
    advice = TABLE[keyword].changes[change]

    assert advice is not None
    assert words in advice.en


@pytest.mark.parametrize(
    ("pointer", "value", "path", "keyword"),
    [
        (("additionalProperties",), False, "", "additionalProperties"),
        ((*CHANNEL, "multipleOf"), 5, "channel", "multipleOf"),
        (("$defs", "OpenChoice", "properties", "option", "not"), {}, "choice(open).option", "not"),
        (("properties", "option", "anyOf", 0, "contentEncoding"), "base64", "option", "contentEncoding"),
        ((*CHANNEL, "type"), ["string", "null"], "channel", "type"),
        ((*CHANNEL, "items"), False, "channel", "items"),
        ((*CHANNEL, "anyOf"), [True], "channel", "anyOf"),
        (("properties", "option", "oneOf"), [], "option", "oneOf"),
        (CHANNEL, True, "channel", "schema"),
        (CHANNEL, {"$ref": "https://example.org/word.json"}, "channel", "$ref"),
        (
            ("$defs", "OpenChoice", "properties", "option"),
            {"$ref": "#/$defs/OpenChoice"},
            "choice(open).option",
            "$ref",
        ),
        (("properties", "choice", "discriminator", "x"), 1, "choice", "discriminator"),
        ((*CHANNEL, SCHEMA_KEY), {"minLength": 2}, "channel", SCHEMA_KEY),
    ],
)
def test_a_feature_that_the_gate_does_not_know_is_named(
    pointer: tuple[str | int, ...], value: Any, path: str, keyword: str
) -> None:
    found = unknown_features(edited(RELEASED[VOTE], {pointer: value}))

    assert [(one.path, one.keyword) for one in found] == [(path, keyword)]
