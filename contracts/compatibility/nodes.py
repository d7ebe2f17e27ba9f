"""The parts of a JSON schema: references resolved, unions as members by name, and features that the gate does not know."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.compatibility.keywords import DOOR_KEYWORDS, TABLE

Schema = dict[str, Any]
UNIONS = ("anyOf", "oneOf")
ABOUT_THE_FIELD = frozenset({"title", "description", "examples", "default"})
"""Keywords that stand beside a union, not in its members."""
_DEFINITION = "#/$defs/"
_FORMS: Mapping[str, type] = {
    "type": str,
    "properties": dict,
    "required": list,
    "enum": list,
    "items": dict,
    "anyOf": list,
    "oneOf": list,
    "discriminator": dict,
    SCHEMA_KEY: dict,
}
"""The only form in which the gate knows the value of these keywords; JSON Schema has others."""


class Unknown(NamedTuple):
    """A feature that the gate does not know: the path of the field, the keyword, and its value."""

    path: str
    keyword: str
    value: Any


def resolved(root: Schema, node: Schema) -> Schema:
    """The node, or what it refers to together with the keywords beside the reference.

    A reference that leads nowhere or back to itself is left out; `unknown_features` reports it.
    """
    seen: set[str] = set()
    while (reference := node.get("$ref")) is not None:
        target = {} if reference in seen else definition(root, reference) or {}
        seen.add(reference)
        node = {**target, **{keyword: value for keyword, value in node.items() if keyword != "$ref"}}
    return node


def definition(root: Schema, reference: str) -> Schema | None:
    """The part of the schema that a reference names, if there is one."""
    found: Schema | None = root.get("$defs", {}).get(reference.removeprefix(_DEFINITION))
    return found


def union_of(node: Schema) -> str | None:
    """The keyword of the union that the node is, if it is one."""
    return next((keyword for keyword in UNIONS if keyword in node), None)


def members(root: Schema, node: Schema) -> dict[str, Schema]:
    """The members of a union by name; a node that is no union is the only member.

    The name is the value of the field that chooses the member, or else the type and its number: `string 1`.
    """
    keyword = union_of(node)
    if keyword is None:
        node = {key: value for key, value in node.items() if key not in ABOUT_THE_FIELD}
        return {f"{_type(root, node)} 1": node}
    mapping = node.get("discriminator", {}).get("mapping", {})
    found: dict[str, Schema] = {}
    for member in node[keyword]:
        tags = sorted(tag for tag, reference in mapping.items() if reference == member.get("$ref"))
        kind = _type(root, member)
        same = sum(name.startswith(f"{kind} ") for name in found)
        found["|".join(tags) or f"{kind} {same + 1}"] = member
    return found


def member_path(path: str, name: str, names: set[str]) -> str:
    """The path of a member of a union; a union of a form and null has the path of that form."""
    return path if len(names - {"null 1"}) == 1 else f"{path}({name})"


def field_path(path: str, name: str) -> str:
    """The path of a field."""
    return f"{path}.{name}" if path else name


def children(root: Schema, node: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """The paths and the schemas inside a resolved node: fields, entries, members of a union."""
    for name, inner in node.get("properties", {}).items():
        yield field_path(path, name), inner
    if "items" in node:
        yield f"{path}[]", node["items"]
    if union_of(node) is not None:
        found = members(root, node)
        for name, inner in found.items():
            yield member_path(path, name, set(found)), inner


def unknown_features(root: Schema) -> list[Unknown]:
    """All features of a schema that the gate does not know."""
    return list(_unknown(root, root, "", ()))


def meaning(root: Schema, node: Schema) -> Any:
    """The schema as far as the gate compares it: without notes, with the parts in place of their names."""
    node = resolved(root, node)
    made: Schema = {}
    for keyword, value in node.items():
        if keyword == "properties":
            made[keyword] = {name: meaning(root, inner) for name, inner in value.items()}
        elif keyword == "items":
            made[keyword] = meaning(root, value)
        elif keyword in UNIONS:
            made[keyword] = {name: meaning(root, inner) for name, inner in members(root, node).items()}
        elif keyword == "discriminator":
            made[keyword] = value["propertyName"]
        elif keyword in ("enum", "required"):
            made[keyword] = sorted(value, key=str)
        elif keyword not in ("title", "description", "examples", "$defs"):
            made[keyword] = value
    return made


def _type(root: Schema, node: Schema) -> str:
    return str(resolved(root, node).get("type", "union"))


def _unknown(root: Schema, node: Any, path: str, within: tuple[str, ...]) -> Iterator[Unknown]:
    if not isinstance(node, dict):
        yield Unknown(path, "schema", node)
        return
    while (reference := node.get("$ref")) is not None:
        target = definition(root, reference)
        if reference in within or target is None:  # a schema within itself, or from elsewhere
            yield Unknown(path, "$ref", reference)
            return
        within = (*within, reference)
        node = {**target, **{keyword: value for keyword, value in node.items() if keyword != "$ref"}}
    yield from (Unknown(path, keyword, node[keyword]) for keyword in sorted(node.keys() - TABLE.keys()))
    forms = list(_unknown_forms(node, path))
    yield from forms
    if not forms:
        for inner_path, inner in children(root, node, path):
            yield from _unknown(root, inner, inner_path, within)


def _unknown_forms(node: Schema, path: str) -> Iterator[Unknown]:
    """Known keywords in a form that the gate does not know."""
    for keyword, form in _FORMS.items():
        if not isinstance(node.get(keyword, form()), form):
            yield Unknown(path, keyword, node[keyword])
            return
    if all(keyword in node for keyword in UNIONS):
        yield Unknown(path, "oneOf", node["oneOf"])
    if node.get("discriminator", {}).keys() - {"propertyName", "mapping"}:
        yield Unknown(path, "discriminator", node["discriminator"])
    if node.get(SCHEMA_KEY, {}).keys() - DOOR_KEYWORDS:
        yield Unknown(path, SCHEMA_KEY, node[SCHEMA_KEY])
    for keyword in UNIONS:
        if not all(isinstance(member, dict) for member in node.get(keyword, [])):
            yield Unknown(path, keyword, node[keyword])
