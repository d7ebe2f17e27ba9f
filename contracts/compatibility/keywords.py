"""The table of all keywords of our schemas: for each, which changes are allowed, and what to do instead of the others.

Compatible means what readers of the log do: they ignore fields that they do not know, a missing optional field takes its
default, and any value that does not fit the class makes the message unreadable. Both directions count (FULL): today's
readers read what earlier releases wrote, and earlier readers read what is written today. So the values of a field can
become neither fewer nor more. A keyword that is not in the table is refused.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from microgov.contracts.bounds import SCHEMA_KEY
from microgov.contracts.compatibility import advice
from microgov.contracts.fields import Words
from microgov.contracts.message import canonical


class Absent:
    """The value of a keyword that is not there; JSON's null is a value."""

    def __repr__(self) -> str:
        return "–"


ABSENT = Absent()


class How(StrEnum):
    """How two values of a keyword are compared."""

    EXACT = "exact"
    UPPER = "upper bound"
    LOWER = "lower bound"
    VALUES = "set of values"
    FIELDS = "fields"
    REQUIRED = "required fields"
    ENTRIES = "schema of the entries"
    UNION = "union"
    TAG = "field that chooses a member of the union"
    DOOR = "bounds of the door"


Changes = Mapping[str, Words | None]
"""By name of the change: what to do instead, or None if the change is allowed."""


class Row(NamedTuple):
    """A row of the table."""

    how: How
    changes: Changes


def _any(words: Words | None) -> Changes:
    return {"added": words, "removed": words, "changed": words}


def _values(narrower: Words, wider: Words) -> Changes:
    return {"narrower": narrower, "wider": wider}


_NOTE = Row(How.EXACT, _any(None))
_UPPER = Row(How.UPPER, _values(advice.UPPER_NARROWER, advice.LIMIT_WIDER))
_LOWER = Row(How.LOWER, _values(advice.LOWER_NARROWER, advice.LIMIT_WIDER))
_UNION = Row(How.UNION, _values(advice.VALUE_GONE, advice.VALUE_NEW))

TABLE: Mapping[str, Row] = {
    # what a schema is called, and what only people read
    "$schema": Row(How.EXACT, _any(advice.DIALECT)),
    "$id": Row(How.EXACT, {"added": None, "removed": advice.TYPE_GONE, "changed": advice.NAME}),
    "title": _NOTE,
    "description": _NOTE,
    "examples": _NOTE,
    # names of parts of a schema, which no message holds; the parts are compared where they are referred to
    "$defs": _NOTE,
    "$ref": _NOTE,
    # the values of a field
    "type": Row(How.EXACT, _any(advice.OTHER_VALUES)),
    "format": Row(How.EXACT, _any(advice.OTHER_VALUES)),
    "const": Row(How.EXACT, _any(advice.OTHER_VALUES)),
    "pattern": Row(How.EXACT, _any(advice.PATTERN)),
    "enum": Row(How.VALUES, _values(advice.VALUE_GONE, advice.VALUE_NEW)),
    "maximum": _UPPER,
    "maxLength": _UPPER,
    "maxItems": _UPPER,
    "minimum": _LOWER,
    "minLength": _LOWER,
    "minItems": _LOWER,
    # what a message consists of
    "properties": Row(
        How.FIELDS, {"added": None, "removed": None, "removed at the door": advice.FIELD_GONE_AT_THE_DOOR}
    ),
    "required": Row(How.REQUIRED, {"added": advice.REQUIRED_NEW, "removed": advice.REQUIRED_GONE}),
    "default": Row(How.EXACT, {**_any(advice.DEFAULT), "missing": advice.DEFAULT_MISSING}),
    "items": Row(How.ENTRIES, {"added": advice.OTHER_VALUES, "removed": advice.OTHER_VALUES}),
    "anyOf": _UNION,
    "oneOf": _UNION,
    "discriminator": Row(How.TAG, _any(advice.OTHER_VALUES)),
    # what is ours
    "x-free-text": Row(How.EXACT, _any(advice.FREE_TEXT)),
    SCHEMA_KEY: Row(How.DOOR, {"narrower": advice.DOOR_NARROWER, "wider": None}),
}
DOOR_KEYWORDS = frozenset({"maximum", "maxItems", "pattern"})
"""What a bound of the door can be (`AtTheDoor.keywords`)."""


def changes_between(how: How, released: Any, today: Any) -> list[str]:
    """The changes from one value of a keyword to the other, `ABSENT` if it is not there; empty if they mean the same."""
    if how is How.UPPER:
        return _limit(_number(released, 1), _number(today, 1))
    if how is How.LOWER:
        return _limit(-_number(released, -1), -_number(today, -1))
    if how is How.VALUES and ABSENT not in (released, today):
        before, now = ({canonical(value) for value in values} for values in (released, today))
        return [name for name, found in (("narrower", before - now), ("wider", now - before)) if found]
    if how is How.VALUES and released is not today:
        return ["narrower" if released is ABSENT else "wider"]
    if released is ABSENT or today is ABSENT:
        return [] if released is today else ["added" if released is ABSENT else "removed"]
    return [] if canonical(released) == canonical(today) else ["changed"]


def _number(value: Any, sign: int) -> float:
    return sign * float("inf") if value is ABSENT else value


def _limit(released: float, today: float) -> list[str]:
    return [] if released == today else ["narrower" if today < released else "wider"]
