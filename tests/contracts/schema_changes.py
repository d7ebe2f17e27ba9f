"""Changes of schemas: every one that the features of our schemas allow, made to a released schema."""

import copy
from typing import Any, NamedTuple

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.compatibility.gate import schemas_of_today
from microgov.contracts.compatibility.nodes import Schema, resolved
from microgov.contracts.compatibility.releases import Releases

RELEASED = {name: versions[0].schema for name, versions in Releases().schemas().items()}
TODAY = schemas_of_today()
DELETED = object()
"""A keyword with this value is taken away."""

VOTE, OFFER, DONE, STAFFED = (
    "issues.cast_vote.v1",
    "matching.draft_offer.v1",
    "matching.report_done.v1",
    "matching.order_staffed.v1",
)
CHANNEL, MINUTES = ("properties", "channel"), ("properties", "minutes")
STARTS = ("$defs", "Slot", "properties", "starts")


class Case(NamedTuple):
    """A change: pointers into the schema, each with the new value, and the difference that must be found."""

    type: str
    edits: dict[tuple[str | int, ...], Any]
    path: str
    keyword: str
    change: str
    backwards: bool = False
    """The released schema is the edited one, and today's is the one that was released."""
    sent: bool = True
    base: dict[str, Schema] = RELEASED


def edited(schema: Schema, edits: dict[tuple[str | int, ...], Any]) -> Schema:
    """A copy of the schema with these changes."""
    made = copy.deepcopy(schema)
    for (*steps, last), value in edits.items():
        at: Any = made
        for step in steps:
            at = at[step]
        if value is DELETED:
            del at[last]
        else:
            at[last] = value
    return made


def exact(type: str, pointer: tuple[str | int, ...], path: str, other: Any) -> list[Case]:
    """A keyword that takes another value, goes away, and comes."""
    keyword = str(pointer[-1])
    return [
        Case(type, {pointer: other}, path, keyword, "changed"),
        Case(type, {pointer: DELETED}, path, keyword, "removed"),
        Case(type, {pointer: DELETED}, path, keyword, "added", backwards=True),
    ]


def limit(type: str, pointer: tuple[str | int, ...], path: str, narrower: Any, wider: Any) -> list[Case]:
    """A bound, or a set of values, that becomes narrower and wider, goes away, and comes."""
    keyword = str(pointer[-1])
    return [
        Case(type, {pointer: narrower}, path, keyword, "narrower"),
        Case(type, {pointer: wider}, path, keyword, "wider"),
        Case(type, {pointer: DELETED}, path, keyword, "wider"),
        Case(type, {pointer: DELETED}, path, keyword, "narrower", backwards=True),
    ]


def inlined(node: Any, root: Schema) -> Any:
    """The schema with its parts in place of their names."""
    if isinstance(node, list):
        return [inlined(one, root) for one in node]
    if not isinstance(node, dict):
        return node
    return {key: inlined(value, root) for key, value in resolved(root, node).items() if key != "$defs"}


SLOT = RELEASED[OFFER]["$defs"]["Slot"]
RENAMED: dict[tuple[str | int, ...], Any] = {
    ("$defs", "Span"): SLOT,
    ("$defs", "Slot"): DELETED,
    ("properties", "slots", "items", "$ref"): "#/$defs/Span",
}
PARTNERS = RELEASED[STAFFED]["properties"]["partners"]
WORD: Schema = {"type": "string", "maxLength": 64}
NEW = ("properties", "new")
IN_PLACE: dict[tuple[str | int, ...], Any] = {
    ("properties",): inlined(RELEASED[OFFER]["properties"], RELEASED[OFFER]),
    ("$defs",): DELETED,
}
NULLABLE = {**PARTNERS["anyOf"][0], "default": None, "title": "Partners"}
AT_BOTH = {name: today.schema for name, today in TODAY.items()}
DOOR_MINUTES, DOOR_STARTS = (*MINUTES, SCHEMA_KEY), (*STARTS, SCHEMA_KEY)
CASES: list[Case] = [
    *exact(VOTE, ("$schema",), "", "https://json-schema.org/draft/2019-09/schema"),
    *exact(VOTE, ("$id",), "", "urn:microgov:issues.another.v1"),
    *exact(VOTE, ("title",), "", "Vote"),
    *exact(VOTE, ("description",), "", "Votes."),
    *exact(VOTE, (*CHANNEL, "examples"), "channel", ["counter"]),
    *exact(OFFER, ("properties", "place", "type"), "place", "integer"),
    *exact(OFFER, (*STARTS, "format"), "slots[].starts", "date"),
    *exact(VOTE, ("$defs", "OpenChoice", "properties", "kind", "const"), "choice(open).kind", "free"),
    *exact(VOTE, (*CHANNEL, "pattern"), "channel", "^[a-z]*$"),
    *exact(DONE, (*MINUTES[:1], "note", "x-free-text"), "note", False),
    *exact(VOTE, ("properties", "option", "default"), "option", "opt-1"),
    *limit(
        VOTE,
        ("$defs", "OpenChoice", "properties", "stance", "enum"),
        "choice(open).stance",
        ["agree", "disagree"],
        ["agree", "disagree", "pass", "veto"],
    ),
    *limit(DONE, (*MINUTES, "maximum"), "minutes", 100, 2**40),
    *limit(DONE, (*MINUTES, "minimum"), "minutes", 2, 0),
    *limit(VOTE, (*CHANNEL, "maxLength"), "channel", 63, 65),
    *limit(OFFER, ("properties", "title", "minLength"), "title", 2, 0),
    *limit(OFFER, ("properties", "slots", "maxItems"), "slots", 99, 101),
    *limit(STAFFED, ("properties", "partners", "anyOf", 0, "minItems"), "partners", 2, 0),
    Case(OFFER, {("properties", "slots", "items"): DELETED}, "slots", "items", "removed"),
    Case(OFFER, {("properties", "slots", "items"): DELETED}, "slots", "items", "added", backwards=True),
    # names of the parts of a schema
    Case(OFFER, RENAMED, "slots[]", "$ref", "changed"),
    Case(OFFER, RENAMED, "", "$defs", "changed"),
    Case(OFFER, IN_PLACE, "slots[]", "$ref", "removed"),
    Case(OFFER, IN_PLACE, "slots[]", "$ref", "added", backwards=True),
    Case(OFFER, IN_PLACE, "", "$defs", "removed"),
    Case(OFFER, IN_PLACE, "", "$defs", "added", backwards=True),
    # fields
    Case(STAFFED, {NEW: {**WORD, "default": None}}, "new", "properties", "added", sent=False),
    Case(VOTE, {NEW: {**WORD, "default": None}}, "new", "properties", "added"),
    Case(STAFFED, {NEW: WORD}, "new", "default", "missing", sent=False),
    Case(STAFFED, {("properties", "people"): DELETED}, "people", "properties", "removed", sent=False),
    Case(VOTE, {("properties", "option"): DELETED}, "option", "properties", "removed at the door"),
    Case(VOTE, {NEW: WORD, ("required",): ["choice", "channel", "new"]}, "new", "required", "added"),
    Case(VOTE, {CHANNEL: DELETED, ("required",): ["choice"]}, "channel", "required", "removed"),
    Case(VOTE, {("required",): ["choice"], (*CHANNEL, "default"): "app"}, "channel", "required", "removed"),
    Case(VOTE, {("required",): ["choice"]}, "channel", "required", "added", backwards=True),
    # unions
    Case(STAFFED, {("properties", "partners"): NULLABLE}, "partners", "anyOf", "narrower", sent=False),
    Case(
        STAFFED,
        {("properties", "partners"): NULLABLE},
        "partners",
        "anyOf",
        "wider",
        backwards=True,
        sent=False,
    ),
    Case(VOTE, {("properties", "choice", "oneOf", 1): DELETED}, "choice", "oneOf", "narrower"),
    Case(VOTE, {("properties", "choice", "oneOf", 1): DELETED}, "choice", "oneOf", "wider", backwards=True),
    Case(
        VOTE,
        {("properties", "choice", "discriminator", "propertyName"): "sort"},
        "choice",
        "discriminator",
        "changed",
    ),
    Case(VOTE, {("properties", "choice", "discriminator"): DELETED}, "choice", "discriminator", "removed"),
    Case(
        VOTE,
        {("properties", "choice", "discriminator"): DELETED},
        "choice",
        "discriminator",
        "added",
        backwards=True,
    ),
    # bounds of the door
    Case(DONE, {DOOR_MINUTES: {"maximum": 100}}, "minutes", SCHEMA_KEY, "narrower", base=AT_BOTH),
    Case(DONE, {DOOR_MINUTES: {"maximum": 10**6}}, "minutes", SCHEMA_KEY, "wider", base=AT_BOTH),
    Case(DONE, {DOOR_MINUTES: DELETED}, "minutes", SCHEMA_KEY, "wider", base=AT_BOTH),
    Case(DONE, {DOOR_MINUTES: DELETED}, "minutes", SCHEMA_KEY, "narrower", backwards=True, base=AT_BOTH),
    Case(OFFER, {DOOR_STARTS: {"pattern": "^2"}}, "slots[].starts", SCHEMA_KEY, "narrower", base=AT_BOTH),
    Case(OFFER, {DOOR_STARTS: DELETED}, "slots[].starts", SCHEMA_KEY, "wider", base=AT_BOTH),
    Case(OFFER, {DOOR_STARTS: DELETED}, "slots[].starts", SCHEMA_KEY, "narrower", True, base=AT_BOTH),
    Case(OFFER, {("properties", "slots", SCHEMA_KEY): {"maxItems": 9}}, "slots", SCHEMA_KEY, "narrower"),
]
