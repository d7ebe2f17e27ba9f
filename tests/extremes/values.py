"""Changes a valid value of a message: its fields get the values at the bounds of their schema."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from microgov.contracts.fields import ENTITY, WORD
from microgov.contracts.generated.schema import schema, with_bounds
from microgov.contracts.message import Message

EARLIEST, LATEST = "1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z"
KNOWN_FORMS = (ENTITY, WORD)
Change = Callable[[dict[str, Any], str, Any], Any]
"""Called for each leaf with its schema, its path and its value (None: it is left out); returns the value to send."""


@cache
def door_schema(cls: type[Message]) -> dict[str, Any]:
    """The schema of a message with the bounds that the door checks."""
    return schema(cls)


@cache
def log_schema(cls: type[Message]) -> dict[str, Any]:
    """The schema by which the log is parsed: it also allows what an earlier door accepted."""
    found: dict[str, Any] = with_bounds(cls.model_json_schema(), False)
    return found


def changed(
    schema: dict[str, Any], data: dict[str, Any], change: Change, full: bool = False
) -> dict[str, Any]:
    """The data with every leaf changed by `change`; `full`: fields that were left out get an example value first."""
    made: dict[str, Any] = Walk(schema, change, full).value(schema, data, "")
    return made


def leaves(schema: dict[str, Any], data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and schema of every leaf and list, including those that are left out."""
    found: dict[str, dict[str, Any]] = {}

    def note(node: dict[str, Any], path: str, value: Any) -> Any:
        found[path] = node
        return value

    changed(schema, data, note, full=True)
    yield from found.items()


class Walk:
    """Walks over a schema and a value together."""

    def __init__(self, whole: dict[str, Any], change: Change, full: bool) -> None:
        self.defs, self.change, self.full = whole.get("$defs", {}), change, full

    def value(self, node: dict[str, Any], value: Any, path: str) -> Any:
        node = self._resolved(node, value)
        if "properties" in node or node.get("type") == "object":
            return self._object(node, value, path)
        if node.get("type") == "array":
            node = {**node, "items": self._resolved(node["items"], None)}
            return [
                self.value(node["items"], one, f"{path}[]") for one in self.change(node, path, value) or []
            ]
        return self.change(node, path, value)

    def _object(self, node: dict[str, Any], value: dict[str, Any], path: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, inner in node.get("properties", {}).items():
            given = (value or {}).get(name)
            if given is None and self.full and self._wanted(inner):
                given = self.example(inner)
            if given is not None:
                new = self.value(inner, given, f"{path}.{name}" if path else name)
                made |= {name: new} if new is not None else {}
        return made

    def _wanted(self, node: dict[str, Any]) -> bool:
        """Whether a field that is left out can get an example: an id would need an existing entity."""
        node = self._resolved(node, None)
        return node.get("pattern") != ENTITY

    def _resolved(self, node: dict[str, Any], value: Any) -> dict[str, Any]:
        while "$ref" in node or "anyOf" in node or "oneOf" in node:
            if "$ref" in node:
                node = self.defs[node["$ref"].rsplit("/", 1)[1]]
                continue
            ways = [self._resolved(way, value) for way in node.get("anyOf") or node["oneOf"]]
            node = next((way for way in ways if self._fits(way, value)), ways[0])
        return node

    def _fits(self, node: dict[str, Any], value: Any) -> bool:
        kinds: dict[str, type] = {
            "integer": int,
            "string": str,
            "array": list,
            "object": dict,
            "boolean": bool,
        }
        if value is None:
            return node.get("type") != "null"
        if not isinstance(value, kinds.get(node.get("type", "object"), object)):
            return False
        named: Any = value
        return all(
            named.get(name) == one["const"]
            for name, one in node.get("properties", {}).items()
            if "const" in one
        )

    def example(self, node: dict[str, Any]) -> Any:
        if node.get("examples"):
            return node["examples"][0]
        node = self._resolved(node, None)
        if node.get("examples"):
            return node["examples"][0]
        if "const" in node or "enum" in node:
            return node.get("const", node.get("enum", [None])[0])
        if "properties" in node:
            return {name: self.example(node["properties"][name]) for name in node.get("required", ())}
        if node.get("type") == "array":
            return [self.example(node["items"])]
        return {"boolean": False, "integer": node.get("minimum", 0)}.get(node.get("type", ""))


def closed(node: dict[str, Any]) -> bool:
    return "const" in node or "enum" in node


def is_time(node: dict[str, Any]) -> bool:
    return node.get("format") == "date-time"


def is_number(node: dict[str, Any]) -> bool:
    return node.get("type") == "integer" and not closed(node)


def is_id(node: dict[str, Any]) -> bool:
    return node.get("pattern") in KNOWN_FORMS


def is_words(node: dict[str, Any]) -> bool:
    """Whether it is a text in people's own words, which may contain any letters."""
    return node.get("type") == "string" and not closed(node) and node.get("pattern", "").startswith("^[^")


def shortest(node: dict[str, Any], path: str, value: Any) -> Any:
    """One letter of a text, and as few entries of a list as are allowed."""
    if node.get("type") == "array":
        return (value or [])[: node.get("minItems", 0)]
    return str(value)[:1] if is_words(node) else value


class LongValues:
    """The longest allowed texts, lists of `most` entries or as many as are allowed; with `numbers` the largest numbers."""

    def __init__(self, most: int, numbers: bool = False) -> None:
        self.most, self.numbers = most, numbers

    def __call__(self, node: dict[str, Any], path: str, value: Any) -> Any:
        if node.get("type") == "array" and value:
            many = range(max(node.get("minItems", 0), min(self.most, node["maxItems"])))
            return [value[n] if n < len(value) else distinct_entry(node["items"], value[0], n) for n in many]
        if self.numbers and is_number(node):
            return node["maximum"]
        return words(node) if is_words(node) else value


def distinct_entry(node: dict[str, Any], entry: Any, n: int) -> Any:
    """A copy of an entry of a list that differs from the other entries."""
    if isinstance(entry, dict):
        return {name: f"{value}{n}" if name in NAMING_FIELDS else value for name, value in entry.items()}
    if "enum" in node:
        return node["enum"][n % len(node["enum"])]
    return f"{entry}{n}" if node.get("pattern") in KNOWN_FORMS and len(entry) < 60 else entry


NAMING_FIELDS = ("slot", "contact", "option", "theme", "name", "module")
"""Fields that identify an entry within its list."""


def words(node: dict[str, Any]) -> str:
    return "长" * int(node["maxLength"])


class ValueAt:
    """Sets a value at one path, and leaves all others."""

    def __init__(self, path: str, value: Any) -> None:
        self.path, self.new = path, value

    def __call__(self, node: dict[str, Any], path: str, value: Any) -> Any:
        return self.new if path == self.path else value


def bounds_of(node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values at the bounds of a leaf."""
    if is_time(node):
        first, last = (
            (EARLIEST, LATEST)
            if "pattern" in node
            else ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")
        )
        yield from (("earliest", first), ("latest", last))
    elif is_number(node):
        yield from (("least", node["minimum"]), ("most", node["maximum"]))
    elif node.get("pattern") in KNOWN_FORMS:
        yield "longest", "z" * int(node["maxLength"])
