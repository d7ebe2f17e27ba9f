"""Bounds on fields that only the door checks, not a reader of the log.

Reading a log never gets stricter: a message was accepted under the bounds of its day and must stay readable. So a new
upper bound of a field is written as `Annotated[…, AtTheDoor(…)]`, and the form of a time is checked by
`TimeAtTheDoor`. Parsing a message of the log ignores both, `microgov.contracts.validation.incoming` checks them, and
the published schemas of messages which programs may send show them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

SCHEMA_KEY = "x-at-the-door"
"""The key of these bounds in the schema of a field; `contracts/generated/schema.py` writes them out for senders."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
_RFC_3339 = r"-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
_WRITTEN = re.compile(r"^([0-9]{4})" + _RFC_3339)


class BrokenBound(NamedTuple):
    """A bound that a value breaks: pydantic's name for such an error (`type`), and the bound (`ctx`)."""

    type: str
    ctx: dict[str, Any]


@dataclass(frozen=True)
class AtTheDoor:
    """An upper bound that the door checks: `le` for a whole number, `max_length` for the entries of a list.

    There are no lower bounds. Do not use `max_length` for a text: `keywords` describes it as the bound of a list.
    """

    le: int | None = None
    max_length: int | None = None

    def broken_by(self, raw: Any) -> BrokenBound | None:
        """The bound that the value breaks, or None; `raw` is the value as it came in JSON."""
        if self.le is not None and raw > self.le:
            return BrokenBound("less_than_equal", {"le": self.le})
        if self.max_length is not None and len(raw) > self.max_length:
            return BrokenBound(
                "too_long" if isinstance(raw, list) else "string_too_long", {"max_length": self.max_length}
            )
        return None

    def keywords(self) -> dict[str, Any]:
        """The bound as keywords of JSON Schema."""
        found = {"maximum": self.le, "maxItems": self.max_length}
        return {name: bound for name, bound in found.items() if bound is not None}

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), SCHEMA_KEY: self.keywords()}


class TimeAtTheDoor(AtTheDoor):
    """A time must be written as RFC 3339 says, with its time zone, in the years 1900 to 2199.

    Calendars and databases handle these years.
    """

    def broken_by(self, raw: Any) -> BrokenBound | None:
        written = _WRITTEN.match(raw) if isinstance(raw, str) else None
        if written is None:
            return BrokenBound("datetime_parsing", {})
        if not FIRST_YEAR <= int(written[1]) <= LAST_YEAR:
            return BrokenBound("year_out_of_range", {"first": FIRST_YEAR, "last": LAST_YEAR})
        return None

    def keywords(self) -> dict[str, Any]:
        return {"pattern": f"^(19[0-9]{{2}}|2[01][0-9]{{2}}){_RFC_3339}"}


class _FieldBounds(NamedTuple):
    """The bounds of a field and, if it is a list, those of its entries."""

    bounds: tuple[AtTheDoor, ...] = ()
    entry: "_FieldBounds | None" = None


def first_broken_bound(value: BaseModel, raw: dict[str, Any]) -> ErrorDetails | None:
    """The first bound of the door that a validated message breaks, or None; `raw` is the message as it came in JSON."""
    return next(_broken(_FieldBounds(), value, raw, ()), None)


def _broken(
    field_bounds: _FieldBounds, value: Any, raw: Any, path: tuple[str | int, ...]
) -> Iterator[ErrorDetails]:
    for bound in field_bounds.bounds:
        if (found := bound.broken_by(raw)) is not None:
            yield ErrorDetails(type=found.type, loc=path, msg="", input=raw, ctx=found.ctx)
    if isinstance(value, BaseModel):
        for name, key, inner in _fields(type(value)):
            if (given := raw.get(key, raw.get(name))) is not None:
                yield from _broken(inner, getattr(value, name), given, (*path, key))
    elif isinstance(value, list) and field_bounds.entry is not None:
        for n, one in enumerate(value):
            yield from _broken(field_bounds.entry, one, raw[n], (*path, n))


@cache
def _fields(cls: type[BaseModel]) -> Sequence[tuple[str, str, _FieldBounds]]:
    return [
        (name, one.alias or name, _bounds_of(one.annotation, one.metadata))
        for name, one in cls.model_fields.items()
    ]


def _bounds_of(annotation: Any, metadata: Sequence[Any] = ()) -> _FieldBounds:
    bounds = tuple(one for one in metadata if isinstance(one, AtTheDoor))
    origin, arguments = get_origin(annotation), get_args(annotation)
    inside: list[_FieldBounds] = []
    if origin is Annotated:
        inside = [_bounds_of(arguments[0], arguments[1:])]
    elif origin in (Union, UnionType):
        inside = [_bounds_of(one) for one in arguments]
    elif origin is list:
        return _FieldBounds(bounds, _bounds_of(arguments[0]))
    return _FieldBounds(
        (*bounds, *(bound for one in inside for bound in one.bounds)),
        next((one.entry for one in inside if one.entry is not None), None),
    )
