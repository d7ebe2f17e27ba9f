"""The differences between a released schema and today's, each with its row of the table."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.compatibility.keywords import ABSENT, DOOR_KEYWORDS, TABLE, How, changes_between
from microgov.contracts.compatibility.nodes import (
    ABOUT_THE_FIELD,
    Schema,
    field_path,
    member_path,
    members,
    resolved,
    union_of,
)
from microgov.contracts.fields import Words

LOG, DOOR = "log", "door"
"""The two sets: what the log may hold, and what the door accepts."""


class Difference(NamedTuple):
    """A change of a keyword at a field; `of` is the set that changes."""

    path: str
    keyword: str
    change: str
    released: Any
    today: Any
    of: str = LOG

    @property
    def advice(self) -> Words | None:
        """What to do instead; None if the change is allowed."""
        return TABLE[self.keyword].changes[self.change]


def differences(released: Schema, today: Schema, sent: bool) -> list[Difference]:
    """All differences of two schemas without unknown features; `sent`: whether programs may send the message today."""
    return list(_Comparison(released, today, sent).node(released, today, ""))


class _Comparison:
    def __init__(self, released: Schema, today: Schema, sent: bool) -> None:
        self.released, self.today, self.sent = released, today, sent

    def node(self, released: Schema, today: Schema, path: str) -> Iterator[Difference]:
        yield from self._exact("$ref", released, today, path)
        released, today = resolved(self.released, released), resolved(self.today, today)
        if union_of(released) is None and union_of(today) is None:
            yield from self._keywords(released, today, path)
            return
        yield from self._keywords(_beside_union(released), _beside_union(today), path)
        yield from self._union(released, today, path)

    def _keywords(self, released: Schema, today: Schema, path: str) -> Iterator[Difference]:
        for keyword in sorted(released.keys() | today.keys()):
            how = TABLE[keyword].how
            if how is How.FIELDS:
                yield from self._fields(released, today, path)
            elif how is How.ENTRIES and keyword in released and keyword in today:
                yield from self.node(released[keyword], today[keyword], f"{path}[]")
            elif how is How.TAG:
                yield from self._exact(keyword, _chooser(released), _chooser(today), path)
            elif how is How.DOOR:
                yield from self._door(released, today, path)
            elif how is not How.REQUIRED:  # which is compared with the fields
                yield from self._exact(keyword, released, today, path)

    def _exact(self, keyword: str, released: Schema, today: Schema, path: str) -> Iterator[Difference]:
        before, now = released.get(keyword, ABSENT), today.get(keyword, ABSENT)
        for change in changes_between(TABLE[keyword].how, before, now):
            yield Difference(path, keyword, change, before, now)

    def _fields(self, released: Schema, today: Schema, path: str) -> Iterator[Difference]:
        before, now = released.get("properties", {}), today.get("properties", {})
        for name in sorted(before.keys() | now.keys()):
            inner = field_path(path, name)
            was, required = (name in one.get("required", []) for one in (released, today))
            if was != required:
                shown = (was if name in before else ABSENT, required if name in now else ABSENT)
                yield Difference(inner, "required", "added" if required else "removed", *shown)
            elif name not in before:
                yield from self._new_field(now[name], inner)
            elif name not in now:
                change, of = ("removed at the door", DOOR) if self.sent else ("removed", LOG)
                yield Difference(inner, "properties", change, before[name], ABSENT, of)
            if name in before and name in now:
                yield from self._field(before[name], now[name], inner, was != required)

    def _field(self, released: Schema, today: Schema, path: str, told: bool) -> Iterator[Difference]:
        """Compares a field; `told`: that it is required, or no longer, is reported, which changes its default, too."""
        if told:
            released, today = _without_default(released), _without_default(today)
        yield from self.node(released, today, path)

    def _new_field(self, node: Schema, path: str) -> Iterator[Difference]:
        if "default" in resolved(self.today, node):
            yield Difference(path, "properties", "added", ABSENT, node)
        else:
            yield Difference(path, "default", "missing", ABSENT, ABSENT)

    def _union(self, released: Schema, today: Schema, path: str) -> Iterator[Difference]:
        keyword = union_of(today) or union_of(released) or ""
        before, now = members(self.released, released), members(self.today, today)
        names = before.keys() | now.keys()
        for name in sorted(names):
            if name not in now:
                yield Difference(path, keyword, "narrower", name, ABSENT)
            elif name not in before:
                yield Difference(path, keyword, "wider", ABSENT, name)
            else:
                yield from self.node(before[name], now[name], member_path(path, name, set(names)))

    def _door(self, released: Schema, today: Schema, path: str) -> Iterator[Difference]:
        """Compares what the door accepts: its own bound of a keyword, or else that of the log."""
        marks = [one.get(SCHEMA_KEY, {}) for one in (released, today)]
        for keyword in sorted(DOOR_KEYWORDS & (marks[0].keys() | marks[1].keys())):
            before, now = (
                mark.get(keyword, one.get(keyword, ABSENT))
                for mark, one in zip(marks, (released, today), strict=True)
            )
            for change in changes_between(TABLE[keyword].how, before, now):
                lost = keyword not in marks[1] and change != "narrower"
                at_door = "wider" if lost or change == "wider" else "narrower"
                yield Difference(
                    path, SCHEMA_KEY, at_door, _bound(keyword, before), _bound(keyword, now), DOOR
                )


def _beside_union(node: Schema) -> Schema:
    """What is said about a field beside the members of its union."""
    union = union_of(node)
    if union is None:
        return {key: value for key, value in node.items() if key in ABOUT_THE_FIELD}
    return {key: value for key, value in node.items() if key != union}


def _bound(keyword: str, value: Any) -> Any:
    return ABSENT if value is ABSENT else {keyword: value}


def _chooser(node: Schema) -> Schema:
    """The discriminator without the names of definitions: its members are compared with the union."""
    return {"discriminator": node["discriminator"]["propertyName"]} if "discriminator" in node else {}


def _without_default(node: Schema) -> Schema:
    return {key: value for key, value in node.items() if key != "default"}
